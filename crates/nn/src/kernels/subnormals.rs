//! Subnormal numbers, those below the smallest normal one (1.2e-38 in `f32`), and how the processor treats them.
//!
//! Some processors compute many times more slowly with subnormal numbers than with others, and a vanishing gradient has
//! many of them. The control register of each thread says whether they are treated as 0: MXCSR on x86-64 (flush to zero
//! and denormals are zero), FPCR on AArch64 (flush to zero). On other processors they are always kept.

use std::marker::PhantomData;

/// How this thread computes with subnormal numbers until the guard is dropped. Dropping it restores the previous
/// setting.
///
/// Where the gradient vanishes, training is about 1.9 times as fast without them on some processors. Numbers that are
/// not below 1.2e-38 (2.2e-308 in `f64`) lose no digit: an operation whose result would be subnormal gives 0, and a
/// subnormal operand is treated as 0. That holds for all floating-point code of the thread, not only for this crate's,
/// so a guard should live only as long as the work it is for. Other threads are not affected. On Linux, a thread that
/// is started under a guard begins with the setting of the thread that starts it.
///
/// This crate sets no guard on its own, because a guard changes bits: as soon as a number underflows, a network that
/// was trained under a guard has other bits than one that was not. With or without a guard, the bits are the same on
/// any number of threads, and on every [`InstructionSet`](crate::InstructionSet) with the exceptions documented there.
/// [`Network::trace`](crate::Network::trace) scales the gradient so that it need not underflow; call it under
/// [`Subnormals::keep`].
///
/// The compiler assumes that the register does not change. Arithmetic that it moves across the beginning or end of a
/// guard, or evaluates at compile time, may therefore keep subnormal numbers. Nothing else depends on this assumption.
///
/// ```
/// use headwater_nn::Subnormals;
///
/// let half = std::hint::black_box(0.5_f32);
/// let flushing = Subnormals::flush();
/// assert_eq!(std::hint::black_box(f32::MIN_POSITIVE) * half, if Subnormals::can_flush() { 0.0 } else { 5.877472e-39 });
/// drop(flushing);
/// assert_eq!(std::hint::black_box(f32::MIN_POSITIVE) * half, 5.877472e-39);
/// ```
#[derive(Debug)]
#[must_use = "the guard works until it is dropped"]
pub struct Subnormals {
    before: u64,
    now: u64,
    /// Makes the guard neither `Send` nor `Sync`: the register belongs to the thread.
    thread: PhantomData<*const ()>,
}

impl Subnormals {
    /// Treats subnormal numbers as 0.
    #[inline]
    pub fn flush() -> Self {
        Self::set(|control| control | register::FLUSH)
    }

    /// Computes with subnormal numbers.
    #[inline]
    pub fn keep() -> Self {
        Self::set(|control| control & !register::FLUSH)
    }

    /// Whether [`Self::flush`] has an effect on this processor.
    pub fn can_flush() -> bool {
        register::FLUSH != 0
    }

    #[inline]
    fn set(change: impl Fn(u64) -> u64) -> Self {
        let before = register::read();
        let now = change(before);
        if now != before {
            register::write(now);
        }
        Self { before, now, thread: PhantomData }
    }
}

impl Drop for Subnormals {
    #[inline]
    fn drop(&mut self) {
        if self.now != self.before {
            register::write(self.before);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod register {
    use std::arch::asm;

    /// Flush to zero (for results) and denormals are zero (for operands).
    pub(super) const FLUSH: u64 = 1 << 15 | 1 << 6;

    #[expect(unsafe_code, reason = "there is no other way to read the register")]
    #[inline]
    pub(super) fn read() -> u64 {
        let mut control = 0_u32;
        // SAFETY: stores the register into a local variable.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags)) };
        u64::from(control)
    }

    #[expect(unsafe_code, reason = "there is no other way to set the register")]
    #[inline]
    pub(super) fn write(control: u64) {
        let control = control as u32;
        // SAFETY: the value was read from the register and differs at most in the two bits above. So no reserved bit is
        // set, and neither rounding nor exceptions change.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack)) };
    }
}

#[cfg(target_arch = "aarch64")]
mod register {
    use std::arch::asm;

    /// Flush to zero, for results and operands.
    pub(super) const FLUSH: u64 = 1 << 24;

    #[expect(unsafe_code, reason = "there is no other way to read the register")]
    #[inline]
    pub(super) fn read() -> u64 {
        let control: u64;
        // SAFETY: reads the register.
        unsafe { asm!("mrs {}, fpcr", out(reg) control, options(nomem, nostack, preserves_flags)) };
        control
    }

    #[expect(unsafe_code, reason = "there is no other way to set the register")]
    #[inline]
    pub(super) fn write(control: u64) {
        // SAFETY: the value was read from the register and differs at most in the bit above, so neither rounding nor
        // exceptions change.
        unsafe { asm!("msr fpcr, {}", in(reg) control, options(nostack)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod register {
    pub(super) const FLUSH: u64 = 0;

    pub(super) fn read() -> u64 {
        0
    }

    pub(super) fn write(_: u64) {}
}
