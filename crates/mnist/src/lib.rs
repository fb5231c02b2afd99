//! MNIST's four files, compressed, with their licence.
