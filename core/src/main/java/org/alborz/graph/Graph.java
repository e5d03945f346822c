package org.alborz.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.ops.Observation;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * A computation as data: the operations that a function applied, in their order, and the tensors that it read.
 *
 * <p>It holds on the host what those tensors contained, the whole memory of each, so it can be replayed after the session is closed.
 */
public final class Graph {
    private final List<Step> steps;
    private final List<Leaf> leaves;
    private final Value output;
    private final List<Memory> memories;

    Graph(List<Step> steps, List<Leaf> leaves, Value output, List<Memory> memories) {
        this.steps = List.copyOf(steps);
        this.leaves = leaves;
        this.output = output;
        this.memories = List.copyOf(memories);
    }

    /** Traces an evaluation pass of a model, whose module is a {@link org.alborz.nn.Layer}, on zeros of the given shape. */
    public static Graph trace(Model model, Shape input) {
        try (Scope scope = model.session().scope("trace")) {
            return trace(model, model.session().zeros(input));
        }
    }

    /** Traces an evaluation pass of a model on an input. */
    public static Graph trace(Model model, Tensor input) {
        return trace(model, () -> model.forward(input, Pass.evaluation()), input);
    }

    /**
     * Traces any use of a model, such as a training step.
     *
     * @param work returns the result, or null where there is none; what it makes is closed after it
     * @param inputs the tensors that are inputs, called so in the graph
     */
    public static Graph trace(Model model, Supplier<Tensor> work, Tensor... inputs) {
        Map<Trace.Key, String> names = new HashMap<>();
        model.parameters().forEach((name, parameter) -> names.put(Trace.Key.of(parameter.value()), name));
        return trace(model.session(), names, work, inputs);
    }

    /** Traces a function of tensors of a session. */
    public static Graph trace(Session session, Supplier<Tensor> work, Tensor... inputs) {
        return trace(session, Map.of(), work, inputs);
    }

    private static Graph trace(
            Session session, Map<Trace.Key, String> parameters, Supplier<Tensor> work, Tensor... inputs) {
        Map<Trace.Key, String> names = new HashMap<>();
        for (int i = 0; i < inputs.length; i++) {
            names.put(Trace.Key.of(inputs[i]), inputs[i].name() == null ? Integer.toString(i) : inputs[i].name());
        }
        Trace trace = new Trace(parameters, names);
        try (Scope scope = session.scope("trace")) {
            Tensor result;
            try (Observation observation = session.observe(trace)) {
                result = work.get();
            }
            return trace.graph(result);
        }
    }

    /** Returns the operations in the order in which they were applied. */
    public List<Step> steps() {
        return steps;
    }

    /** Returns the tensors that are read and not computed: parameters, inputs and constants. */
    public List<Leaf> leaves() {
        return leaves;
    }

    /** Returns what the function returned, or null. */
    public Value output() {
        return output;
    }

    List<Memory> memories() {
        return memories;
    }

    /** Returns how many products are added up. */
    public long multiplyAdds() {
        return steps.stream().mapToLong(Step::multiplyAdds).sum();
    }

    /** Returns the bytes that operations read and write. */
    public long bytes() {
        return steps.stream().mapToLong(Step::bytes).sum();
    }

    /** Returns the bytes of the results that have memory of their own. */
    public long resultBytes() {
        return steps.stream()
                .filter(step -> step.effect() == Step.Effect.MAKES)
                .flatMap(step -> step.results().stream())
                .mapToLong(Value::bytes)
                .sum();
    }

    /**
     * Does the operations again, from the same leaves, in another session or the same one.
     *
     * @return the output, in the session's innermost scope; null where there is none
     */
    public Tensor replay(Session session) {
        try (Scope scope = session.scope("replay")) {
            Replay replay = new Replay(this, session);
            for (int i = 0; i < steps.size(); i++) {
                try (Scope each = session.scope("step")) {
                    replay.run(steps.get(i));
                }
                replay.release(i);
            }
            return output == null ? null : scope.keep(replay.tensor(output));
        }
    }

    /**
     * Does the operations in two sessions side by side and compares each result. Both get the same inputs, so a difference is that of the
     * operation itself: the first one says where a backend goes wrong, and by its step in which layer.
     *
     * @param reference whose results count, such as one on {@code cpu-scalar}
     */
    public GraphComparison compare(Session reference, Session other) {
        return GraphComparison.of(this, reference, other);
    }

    /**
     * Does this graph's operations in one session and another graph's in another, and compares each result: for two sets of weights of one
     * net. Each continues with its own results, so differences add up.
     *
     * @param reference where this graph is computed, whose results count
     * @param other a graph of the same operations, such as one traced of a second model with the same inputs
     * @throws IllegalArgumentException when the operations or the shapes of their results are others
     */
    public GraphComparison compare(Session reference, Graph other, Session session) {
        return GraphComparison.of(this, reference, other, session);
    }

    /** Returns a graph in which rules have merged neighbouring operations, until none fits; it gives the same but for rounding. */
    public Graph rewrite(Rewrite... rules) {
        return new Graph(Rewriting.of(this, rules), leaves, output, memories);
    }

    /** Returns the leaves, a line for each operation with its inputs and results, and the totals. */
    @Override
    public String toString() {
        return Listing.of(this);
    }
}
