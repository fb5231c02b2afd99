// What is shown while there is nothing to show.

import { html } from "../lib/html.js";

/** @param {{logdir: string, loading: boolean}} properties */
export function FirstRun({ logdir, loading }) {
  if (loading)
    return html`<div class="empty" role="status"><h2>Reading ${logdir} …</h2><p>What has been read is shown at once.</p></div>`;
  return html`
    <div class="empty">
      <h2>No records yet</h2>
      <p>There is no event file in <code>${logdir}</code>. As soon as one is written there, it is shown here; nothing needs to be started anew.</p>
      <h3>The experiment: six layers, three activations</h3>
      <pre tabindex="0">headwater train --logdir ${logdir}</pre>
      <h3>PyTorch</h3>
      <pre tabindex="0">${`from torch.utils.tensorboard import SummaryWriter
writer = SummaryWriter("${logdir}/run-1")
writer.add_scalar("loss", loss, step)
for name, p in model.named_parameters():
    writer.add_histogram(f"{name}.grad", p.grad, step)`}</pre>
      <h3>Keras</h3>
      <pre tabindex="0">${`model.fit(..., callbacks=[keras.callbacks.TensorBoard("${logdir}/run-1", histogram_freq=1)])`}</pre>
    </div>
  `;
}
