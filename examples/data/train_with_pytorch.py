"""Where lstm_digits.npz and lstm_digits_scores.npz come from: PyTorch trains a small LSTM, and writes down its weights.

    python examples/data/train_with_pytorch.py

It takes a minute and needs PyTorch. The example pytorch_checkpoint.py, which reads the two files, does not.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from ntb.datasets import mnist

FOLDER = Path(__file__).parent
EPOCHS, SIZE = 20, 50


class Reader(nn.Module):
    """Reads an image from top to bottom; after each row it has a score for each digit."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 32, batch_first=True)
        self.head = nn.Linear(32, 10)

    def forward(self, rows):
        states, _ = self.lstm(rows)
        return self.head(states)


def main():
    torch.manual_seed(0)
    digits = mnist.load().scaled()
    rows, labels = torch.tensor(digits.x_train[:, 0]), torch.tensor(digits.y_train)
    net = Reader()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        for picked in torch.randperm(len(rows)).split(SIZE):
            scores = net(rows[picked])
            wanted = labels[picked].repeat_interleave(28)
            loss = nn.functional.cross_entropy(scores.reshape(-1, 10), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        print(f"epoch {epoch + 1}/{EPOCHS}  loss {loss.item():.3f}", flush=True)
    with torch.no_grad():
        scores = net(torch.tensor(digits.x_val[:, 0])).numpy()
    print(f"accuracy {np.mean(np.argmax(scores[:, -1], axis=-1) == digits.y_val):.3f}")
    np.savez(FOLDER / "lstm_digits.npz", **{name: t.numpy() for name, t in net.state_dict().items()})
    np.savez(FOLDER / "lstm_digits_scores.npz", scores=scores[::50])


if __name__ == "__main__":
    main()
