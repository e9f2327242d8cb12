//! Bounds are for generic functions.

#[entracte::main]
async fn main() -> u32
where
    u32: Copy,
{
    7
}
