//! `Token`: the loop, the generation and the slot of a callback, in one word that owns nothing.

use std::fmt;

const SLOT_BITS: u32 = 26;
const GENERATION_BITS: u32 = 26;

/// One more than the highest number of a slot.
pub(crate) const SLOTS: u32 = 1 << SLOT_BITS;
/// Generations of a slot are counted modulo this.
pub(crate) const GENERATIONS: u32 = 1 << GENERATION_BITS;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("a token is a 64-bit word, and a waker carries it in a pointer");

/// Names a callback that a loop keeps.
///
/// A token owns nothing and may outlive everything. One that is stale, because its callback is
/// done, its slot is in use again or its loop is gone, wakes nobody or at worst the wrong callback:
/// a wake too many, which callbacks and futures have to expect anyway.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u64);

impl Token {
    /// Nobody's token: waking it wakes nobody, as no loop uses its last slot.
    pub const NOBODY: Self = Self::new((1 << 12) - 1, GENERATIONS - 1, SLOTS - 1);

    pub(crate) const fn new(event_loop: u16, generation: u32, slot: u32) -> Self {
        Self(
            ((event_loop as u64) << (GENERATION_BITS + SLOT_BITS))
                | ((generation as u64) << SLOT_BITS)
                | slot as u64,
        )
    }

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The token as a number, unique among the callbacks of one loop that are alive together.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    pub(crate) const fn event_loop(self) -> u16 {
        (self.0 >> (GENERATION_BITS + SLOT_BITS)) as u16
    }

    pub(crate) const fn generation(self) -> u32 {
        (self.0 >> SLOT_BITS) as u32 & (GENERATIONS - 1)
    }

    /// The number of the slot: small, and in use again once the callback is done.
    #[must_use]
    pub const fn slot(self) -> u32 {
        self.0 as u32 & (SLOTS - 1)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Token({}/{}.{})",
            self.event_loop(),
            self.slot(),
            self.generation()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_its_three_parts() {
        for (event_loop, generation, slot) in [
            (0, 0, 0),
            (4095, GENERATIONS - 1, SLOTS - 1),
            (7, 12_345, 54_321),
        ] {
            let token = Token::new(event_loop, generation, slot);
            assert_eq!(token.event_loop(), event_loop);
            assert_eq!(token.generation(), generation);
            assert_eq!(token.slot(), slot);
            assert_eq!(Token::from_bits(token.to_bits()), token);
        }
    }
}
