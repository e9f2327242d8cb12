//! smoke
use entracte_coroutine::*;
fn chain(n: u32) -> Coroutine<'static, u32, u32, u32> {
    Coroutine::new(async move |mut co| {
        if n == 0 {
            let a = co.yield_(1).await;
            let b = co.yield_(a).await;
            return a + b;
        }
        co.yield_from(chain(n - 1)).await + 1
    })
}
fn chain_ref(n: u32) -> Coroutine<'static, u32, u32, u32> {
    Coroutine::new(async move |mut co| {
        if n == 0 {
            let a = co.yield_(1).await;
            let b = co.yield_(a).await;
            return a + b;
        }
        let mut inner = chain_ref(n - 1);
        co.yield_from(&mut inner).await + 1
    })
}
#[test]
fn deep() {
    for make in [chain, chain_ref] {
        let mut c = make(100_000);
        assert_eq!(c.next().unwrap(), 1);
        assert_eq!(c.send(5).unwrap(), 5);
        assert_eq!(c.send(6).unwrap_err().returned(), Some(100_011));
        let mut c = make(100_000);
        c.next().unwrap();
        drop(c);
        let mut c = make(100_000);
        c.next().unwrap();
        assert_eq!(c.throw("x").unwrap_err().to_string(), "x");
        let mut c = make(100_000);
        c.next().unwrap();
        assert_eq!(c.close().unwrap(), None);
    }
}
#[test]
fn loops_infer() {
    let mut g = Coroutine::new(async |mut co| {
        loop {
            let x: i32 = co.yield_(1u8).await;
            println!("{x}");
        }
    });
    g.next().unwrap();
    g.send(3).unwrap();
    assert!(format!("{g:?}").contains("Suspended"));
}
#[test]
fn sends() {
    fn is_send<T: Send>(_: &T) {}
    let c = Coroutine::new_send(async |mut co| {
        let r = co
            .catch(async |co| {
                co.yield_from(Coroutine::new_send(async |mut co| co.yield_(1).await))
                    .await
            })
            .await;
        let x: i32 = r.unwrap_or(3);
        co.finally(
            async |co| co.yield_(4).await,
            async |co| {
                co.yield_(5).await;
            },
        )
        .await;
        x
    });
    is_send(&c);
}
#[test]
fn outside() {
    let mut c = Generator::new(async |mut co| {
        co.yield_(1).await;
        std::future::pending::<()>().await;
    });
    c.next().unwrap();
    let e = c.next().unwrap_err();
    assert!(
        matches!(e, Stop::Raised(ref e) if e.downcast_ref::<Misuse>() == Some(&Misuse::AwaitedOutside))
    );
    let mut c = Generator::new(async |mut co| {
        co.yield_(1).await;
        loop {
            let _ = co.catch(async |_| std::future::pending::<()>().await).await;
        }
    });
    c.next().unwrap();
    assert!(matches!(c.next(), Err(Stop::Raised(_))));
    assert!(matches!(c.next(), Err::<i32, _>(Stop::<()>::Finished(()))));
}
