package org.alborz.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** Does the steps of a graph in a session; memory is given back after its last use. */
final class Replay {
    private final Session session;
    private final Scope home;

    /** A tensor on each memory, null before it is made and after its last use. */
    private final Tensor[] memories;

    private final int[] lastUse;

    /** Reads a memory through a layout. */
    private record Through(Layout layout) implements CustomOp {
        @Override
        public void infer(Call call) {
            call.view(0, layout);
        }

        @Override
        public int gradients() {
            return 0;
        }
    }

    /** Starts in the session's innermost scope, which the tensors belong to that later steps need. */
    Replay(Graph graph, Session session) {
        this.session = session;
        this.home = session.innermostScope();
        this.memories = new Tensor[graph.memories().size()];
        this.lastUse = new int[memories.length];
        for (int i = 0; i < memories.length; i++) {
            Memory memory = graph.memories().get(i);
            memories[i] = memory.isMade() ? null : memory.in(session);
        }
        for (int i = 0; i < graph.steps().size(); i++) {
            Step step = graph.steps().get(i);
            for (Value value : step.inputs()) {
                use(value, i);
            }
            for (Value value : step.results()) {
                use(value, i);
            }
        }
        use(graph.output(), Integer.MAX_VALUE);
    }

    private void use(Value value, int at) {
        if (value != null) {
            lastUse[value.memory()] = at;
        }
    }

    /** Returns a tensor of this session for a value; a view of its own. */
    Tensor tensor(Value value) {
        return value == null ? null : Engine.apply(new Through(value.spec().layout()), memories[value.memory()]);
    }

    /** Does a step, and returns its results. */
    List<Tensor> run(Step step) {
        Tensor[] inputs = step.inputs().stream().map(this::tensor).toArray(Tensor[]::new);
        List<Tensor> results = new ArrayList<>();
        switch (step.effect()) {
            case INTO -> {
                Tensor target = tensor(step.results().get(0));
                Engine.into(target, step.op(), inputs);
                results.add(target);
            }
            case MAKES -> {
                results.addAll(apply(step, inputs));
                for (int i = 0; i < results.size(); i++) {
                    memories[step.results().get(i).memory()] =
                            home.adopt(results.get(i).detach());
                }
            }
            case OVERWRITES -> {
                Engine.applyAll(step.op(), 0, inputs);
                step.results().forEach(result -> results.add(tensor(result)));
            }
            case VIEWS -> step.results().forEach(result -> results.add(tensor(result)));
        }
        return results;
    }

    private List<Tensor> apply(Step step, Tensor[] inputs) {
        if (inputs.length == 0) {
            return List.of(session.engine().create(step.op()));
        }
        return Arrays.asList(Engine.applyAll(step.op(), step.results().size(), inputs));
    }

    /** Gives back the memory that no later step needs. */
    void release(int done) {
        for (int i = 0; i < memories.length; i++) {
            if (lastUse[i] == done && memories[i] != null) {
                memories[i].close();
                memories[i] = null;
            }
        }
    }
}
