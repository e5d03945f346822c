package org.alborz.autograd;

import java.util.IdentityHashMap;
import java.util.Map;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;

/** The gradients of one scalar with respect to the tensors that were asked for; they belong to the innermost scope. */
public final class Gradients {
    private final Map<Node, Tensor> byNode = new IdentityHashMap<>();

    Gradients() {}

    void put(Node node, Tensor gradient) {
        byNode.put(node, gradient);
    }

    boolean has(Node node) {
        return byNode.containsKey(node);
    }

    /** Returns the gradient with respect to a watched tensor, of its shape. */
    public Tensor of(Tensor watched) {
        if (watched == null) {
            throw new IllegalArgumentException("A gradient is with respect to a watched tensor, got null."
                    + " Pass.used(parameter) is null for a parameter that the pass did not use");
        }
        Tensor gradient = byNode.get(TensorAccess.node(watched));
        if (gradient == null) {
            throw new IllegalArgumentException("No gradient was asked for with respect to " + watched.describe()
                    + "; name it in the call of gradients, as the tensor that watch() returned");
        }
        return gradient;
    }
}
