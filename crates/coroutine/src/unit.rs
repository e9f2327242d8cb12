//! Whether an input type is `()`: then `next` may send it, as Python's `next` sends `None`.

use core::any::TypeId;
use core::marker::PhantomData;
use core::mem;

trait Erased {
    fn type_id(&self) -> TypeId
    where
        Self: 'static;
}

impl<T> Erased for PhantomData<T> {
    #[inline(always)]
    fn type_id(&self) -> TypeId
    where
        Self: 'static,
    {
        TypeId::of::<T>()
    }
}

/// `Some(())` as `T` if `T` is `()`. The compiler folds the question away.
#[inline(always)]
pub(crate) fn unit<T>() -> Option<T> {
    if size_of::<T>() != 0 {
        return None;
    }
    let marker = PhantomData::<T>;
    let erased: &dyn Erased = &marker;
    // SAFETY: only the lifetime bound of the trait object changes, so that `T`'s own lifetimes are
    // erased as `TypeId` erases them. The reference does not outlive this function, and the method
    // it calls touches no value of type `T`.
    let erased = unsafe { mem::transmute::<&dyn Erased, &(dyn Erased + 'static)>(erased) };
    if Erased::type_id(erased) != TypeId::of::<()>() {
        return None;
    }
    // SAFETY: `T` without its lifetimes is `()`, which has none: `T` is `()`.
    Some(unsafe { mem::transmute_copy::<(), T>(&()) })
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn only_the_unit_type_is_unit() {
        struct Token;
        assert_eq!(unit::<()>(), Some(()));
        assert!(unit::<Token>().is_none());
        assert!(unit::<&str>().is_none());
        assert!(unit::<[u8; 0]>().is_none());
        assert!(unit::<core::marker::PhantomData<&'static str>>().is_none());
    }
}
