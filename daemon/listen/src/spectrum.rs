//! The short-time Fourier transform, as magnitudes, frame by frame.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

/// A transform of one size.
pub struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    hop: usize,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Spectrum {
    /// Frames of `size` samples, one every `hop`, under a periodic Hann window.
    #[must_use]
    pub fn new(size: usize, hop: usize) -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(size);
        let step = std::f64::consts::TAU / size as f64;
        Self {
            window: (0..size)
                .map(|i| (0.5 - 0.5 * (step * i as f64).cos()) as f32)
                .collect(),
            hop,
            input: fft.make_input_vec(),
            output: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// How many whole frames there are in so many samples: nothing is padded.
    #[must_use]
    pub const fn frames(&self, samples: usize) -> usize {
        match samples.checked_sub(self.window.len()) {
            Some(rest) => rest / self.hop + 1,
            None => 0,
        }
    }

    /// Gives `each` the power of every bin of each frame, in order.
    pub fn powers(&mut self, sound: &[f32], mut each: impl FnMut(&[f32])) {
        let size = self.window.len();
        let mut powers = vec![0.0; size / 2 + 1];
        for frame in 0..self.frames(sound.len()) {
            let part = &sound[frame * self.hop..][..size];
            for ((x, s), w) in self.input.iter_mut().zip(part).zip(&self.window) {
                *x = s * w;
            }
            // The buffers are the planner's own, so their sizes fit.
            if self
                .fft
                .process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch)
                .is_err()
            {
                return;
            }
            for (power, bin) in powers.iter_mut().zip(&self.output) {
                *power = bin.norm_sqr();
            }
            each(&powers);
        }
    }
}
