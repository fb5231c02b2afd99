// What is said when no shown run has anything along its layers.

import { Empty } from "../../components/card.js";
import { html } from "../../lib/html.js";

/** @param {{none: boolean}} properties  `none`: no run is shown at all. */
export const Missing = ({ none }) =>
  none
    ? html`<${Empty} title="No run is shown"><p>Choose runs on the left, or clear the filter.</p></${Empty}>`
    : html`
      <${Empty} title="The shown runs say nothing of their layers">
        <p>To see whether the gradient reaches the first layers, record its size in every layer, or histograms of it.</p>
        <h3>Headwater</h3>
        <pre tabindex="0">headwater train --logdir LOGDIR</pre>
        <h3>PyTorch, after <code>loss.backward()</code></h3>
        <pre tabindex="0">${`for name, p in model.named_parameters():
    if name.endswith(".weight"):
        writer.add_scalar(f"gradient/mean_abs/{name}", p.grad.abs().mean(), step)
        writer.add_histogram(f"{name}.grad", p.grad, step)`}</pre>
        <h3>Keras</h3>
        <pre tabindex="0">${`with tf.GradientTape() as tape:
    loss = loss_fn(y, model(x, training=True))
for v, g in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
    if "kernel" in v.name:
        tf.summary.histogram(f"gradients/{v.name}", g, step)`}</pre>
      </${Empty}>
    `;
