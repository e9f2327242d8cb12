//! Sets `cfg(native)` when the compiler's own coroutines can be had, so that they can be measured.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_BOOTSTRAP");
    println!("cargo::rustc-check-cfg=cfg(native)");
    if std::env::var("RUSTC_BOOTSTRAP").is_ok_and(|value| value == "1") {
        println!("cargo::rustc-cfg=native");
    }
}
