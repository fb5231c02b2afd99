//! The results of passes, in memory that is allocated once.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::kernels::Scratch;
use crate::layer::LayerWorkspace;
use crate::memory;
use crate::{Network, Real, ShapeError};

/// The random stream of dropout; see [`Network::initialise`] for the other streams of a seed.
const DROPOUT_STREAM: u64 = 1 << 31;

/// The results of a pass over a batch, allocated once for a network and its largest batch.
#[derive(Debug, Clone)]
pub struct Workspace {
    batch: usize,
    pub(crate) layers: Vec<LayerWorkspace>,
    pub(crate) scratch: Scratch,
    pub(crate) dropout: ChaCha8Rng,
}

impl Workspace {
    /// Workspace for batches of up to `batch` samples through `network`.
    ///
    /// # Errors
    /// [`ShapeError::TooLarge`] if there is not enough memory.
    pub fn new(network: &Network, batch: usize) -> Result<Self, ShapeError> {
        Self::around(network, batch, None)
    }

    /// A workspace for batches of the same size through another network. Reuses the memory of this one where it fits.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn refit(self, network: &Network) -> Result<Self, ShapeError> {
        Self::around(network, self.batch, Some(self.scratch))
    }

    fn around(network: &Network, batch: usize, scratch: Option<Scratch>) -> Result<Self, ShapeError> {
        let mut layers = memory::room(network.layers().len(), "the layers' workspace")?;
        for (number, layer) in (1..).zip(network.layers()) {
            layers.push(LayerWorkspace::new(layer, batch, network.place(), |length| memory::zeros(length, number))?);
        }
        let deepest = network.layers().iter().map(|layer| layer.inputs().max(layer.outputs())).max().unwrap_or(0);
        let scratch = scratch
            .filter(|scratch| scratch.is_for(deepest, batch, network.inputs()))
            .or_else(|| Scratch::new(deepest, batch, network.inputs()))
            .ok_or(ShapeError::TooLarge { number: network.layers().len() })?;
        let mut workspace = Self { batch, layers, scratch, dropout: ChaCha8Rng::seed_from_u64(0) };
        workspace.seed_dropout(0);
        Ok(workspace)
    }

    /// A new workspace of the same size. A training pass through `network` draws the same dropout in it as it would in
    /// these.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn another(&self, network: &Network) -> Result<Self, ShapeError> {
        Ok(Self { dropout: self.dropout.clone(), ..Self::new(network, self.batch)? })
    }

    /// Restarts the random stream of dropout.
    pub fn seed_dropout(&mut self, seed: u64) {
        self.dropout = ChaCha8Rng::seed_from_u64(seed);
        self.dropout.set_stream(DROPOUT_STREAM);
    }

    /// Replaces the activations of the last pass by those of `network` at the same pre-activations z (see
    /// [`Network::with_hidden_activation`]). A backward pass then shows what another f at the same z would do.
    pub fn reactivate(&mut self, network: &Network) {
        for (layer, here) in network.layers().iter().zip(&mut self.layers) {
            layer.activation().forward(&here.z, &mut here.a);
        }
    }

    pub(crate) fn out(&self, size: usize) -> &[Real] {
        debug_assert!(size <= self.batch * self.layers.last().map_or(0, |last| last.z.len() / self.batch.max(1)));
        self.layers.last().map_or(&[], |last| last.out(size))
    }
}
