package org.alborz.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.ops.Engine;
import org.alborz.ops.TensorSpec;

/** Applies rules to the steps of a graph until none fits. */
final class Rewriting {
    private final List<Step> steps;
    private final Value output;

    private Rewriting(Graph graph) {
        this.steps = new ArrayList<>(graph.steps());
        this.output = graph.output();
    }

    static List<Step> of(Graph graph, Rewrite... rules) {
        Rewriting rewriting = new Rewriting(graph);
        int at = 0;
        while (at < rewriting.steps.size()) {
            at = rewriting.merge(at, rules) ? 0 : at + 1;
        }
        return rewriting.steps;
    }

    /** Merges a step with the one that reads its result, where a rule fits. */
    private boolean merge(int at, Rewrite... rules) {
        Step first = steps.get(at);
        int reader = first.effect() == Step.Effect.MAKES && first.results().size() == 1 ? onlyReader(at) : -1;
        if (reader < 0 || steps.get(reader).effect() != Step.Effect.MAKES || changes(first, at, reader)) {
            return false;
        }
        for (Rewrite rule : rules) {
            Step merged = rule.merge(first, steps.get(reader));
            if (merged != null && givesTheSame(merged, steps.get(reader))) {
                steps.set(reader, merged);
                steps.remove(at);
                return true;
            }
        }
        return false;
    }

    /** Returns the only step that uses the memory of a step's result, or -1. */
    private int onlyReader(int at) {
        int memory = steps.get(at).results().get(0).memory();
        if (output != null && output.memory() == memory) {
            return -1;
        }
        int reader = -1;
        for (int i = 0; i < steps.size(); i++) {
            if (i != at && steps.get(i).uses(memory)) {
                if (reader >= 0) {
                    return -1;
                }
                reader = i;
            }
        }
        return reader;
    }

    /** Tells whether a step's inputs are overwritten before its result is read. */
    private boolean changes(Step first, int at, int reader) {
        for (int i = at + 1; i < reader; i++) {
            Step between = steps.get(i);
            boolean writes = between.effect() == Step.Effect.INTO || between.effect() == Step.Effect.OVERWRITES;
            for (Value input : first.inputs()) {
                if (writes && input != null && between.uses(input.memory())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean givesTheSame(Step merged, Step second) {
        List<TensorSpec> declared = Engine.infer(
                merged.op(),
                merged.inputs().stream()
                        .map(value -> value == null ? null : value.spec())
                        .toArray(TensorSpec[]::new));
        return declared.equals(second.results().stream().map(Value::spec).toList());
    }
}
