package org.alborz.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.ops.Applied;
import org.alborz.ops.AttentionOp;
import org.alborz.ops.Observation;
import org.alborz.ops.SelfAttention;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Shape;

/**
 * Shows which positions each position of a sequence attends to: the weights of attention after softmax (Vaswani et al. 2017, equation 1), which the
 * computation itself does not keep. They are computed again from queries and keys, for any net, whether its attention is a {@link
 * org.alborz.nn.MultiHeadAttention} or a call of {@link Tensor#scaledDotProductAttention}.
 *
 * <p>They are weights before dropout.
 */
public final class AttentionWeights {
    private final Scope scope;
    private final Map<String, Tensor> found = new LinkedHashMap<>();

    private AttentionWeights(Scope scope) {
        this.scope = scope;
    }

    /**
     * Returns the weights of all attention in an evaluation pass, in the order in which it is computed.
     *
     * @param x the input of a model whose module is a {@link org.alborz.nn.Layer}
     * @return for each layer's path, such as {@code blocks.0.attention}, {@code [N, heads, queries, keys]}, of the session's innermost scope; those of one
     *     query add up to 1, or to 0 where it may attend to no key. Where a layer attends several times, the path of the second time ends with {@code #2}
     * @throws IllegalArgumentException when the model has no attention
     */
    public static Map<String, Tensor> of(Model model, Tensor x) {
        Given.value(model, "AttentionWeights", "a model");
        Given.value(x, "AttentionWeights", "an input");
        return of(model, () -> model.forward(x.detach(), Pass.evaluation()));
    }

    /**
     * Returns the weights of all attention in any use of a model, likewise.
     *
     * @param work such as a pass of a net with several inputs; what it makes is closed after it
     */
    public static Map<String, Tensor> of(Model model, Runnable work) {
        Session session = Given.value(model, "AttentionWeights", "a model").session();
        Given.value(work, "AttentionWeights", "a use of the model");
        try (Scope scope = session.scope("AttentionWeights")) {
            AttentionWeights weights = new AttentionWeights(scope);
            try (Scope pass = session.scope("pass");
                    Observation observation = session.observe(weights::add)) {
                work.run();
            }
            if (weights.found.isEmpty()) {
                throw new IllegalArgumentException(
                        "AttentionWeights expects a model with attention, got one that computed none: "
                                + model.module());
            }
            weights.found.replaceAll((path, tensor) -> scope.keep(tensor));
            return weights.found;
        }
    }

    private void add(Applied operation) {
        if (operation.backward()) {
            return;
        }
        List<Tensor> inputs = operation.inputs();
        if (operation.op() instanceof AttentionOp attention) {
            add(
                    operation,
                    attention.parameters(),
                    inputs.get(0).detach(),
                    inputs.get(1).detach(),
                    inputs.get(3));
        } else if (operation.op() instanceof SelfAttention attention) {
            try (Scope each = inputs.get(0).session().scope("parts")) {
                Tensor[] parts = attention.parts(inputs.get(0).detach());
                add(operation, attention.parameters(), parts[0], parts[1], inputs.get(1));
            }
        }
    }

    private void add(Applied operation, AttentionParameters parameters, Tensor query, Tensor key, Tensor mask) {
        String path = operation.layer() == null ? "" : operation.layer();
        String name = path;
        for (int time = 2; found.containsKey(name); time++) {
            name = path + "#" + time;
        }
        found.put(name, weights(parameters, query, key, mask));
    }

    /** Returns what the same attention makes of the unit vectors as values. */
    private Tensor weights(AttentionParameters parameters, Tensor query, Tensor key, Tensor mask) {
        Session session = query.session();
        try (Scope each = session.scope("weights")) {
            int keys = key.shape().size(2);
            Tensor units = session.eye(keys)
                    .to(key.dtype())
                    .reshape(1, 1, keys, keys)
                    .expand(Shape.of(key.shape().size(0), key.shape().size(1), keys, keys));
            return scope.adopt(Tensor.scaledDotProductAttention(
                    query, key, units, mask == null ? null : mask.detach(), parameters));
        }
    }
}
