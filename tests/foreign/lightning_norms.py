"""Logs as Lightning writes them, with its norms of gradients: python lightning_norms.py [CASE]..."""

import logging
import warnings

import lightning
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.utilities import grad_norm
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from digits import digits, main


class Classifier(lightning.LightningModule):
    def __init__(self, activation="relu", depth=5, lr=0.1, batch_size=64):
        super().__init__()
        self.save_hyperparameters()
        kind = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}[activation]
        hidden = [layer for _ in range(depth - 2) for layer in (nn.Linear(32, 32), kind())]
        self.encoder = nn.Sequential(nn.Linear(64, 32), kind(), *hidden)
        self.classifier = nn.Linear(32, 10)

    def forward(self, x):
        return self.classifier(self.encoder(x))

    def training_step(self, batch, _):
        loss = F.cross_entropy(self(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch, _):
        logits = self(batch[0])
        self.log("val_loss", F.cross_entropy(logits, batch[1]))
        self.log("val_acc", (logits.argmax(1) == batch[1]).float().mean())

    def on_before_optimizer_step(self, optimizer):
        self.log_dict(grad_norm(self, norm_type=2))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9)


def case(epochs=15, **options):
    def log(folder):
        lightning.seed_everything(0, verbose=False)
        train, held_out = (TensorDataset(*map(torch.from_numpy, part)) for part in digits())
        logger = TensorBoardLogger(folder, name="lightning_logs")
        trainer = lightning.Trainer(
            max_epochs=epochs, logger=logger, callbacks=[LearningRateMonitor()], log_every_n_steps=5,
            enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, accelerator="cpu")
        trainer.fit(Classifier(**options), DataLoader(train, 64, shuffle=True), DataLoader(held_out, 400))

    return log


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    main({
        "lightning_healthy": case(),
        "lightning_vanishing": case(activation="sigmoid", depth=10),
        "lightning_rate_nan": case(lr=200.0, epochs=5),
        "lightning_rate_small": case(lr=1e-6),
    })
