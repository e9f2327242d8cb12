//! The attributes are for functions.

#[entracte::test]
struct Number(u32);

#[entracte::main]
async extern "C" fn main() {}
