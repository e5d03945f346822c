package org.alborz.ops;

import org.alborz.backend.Backend;

/** Overwrites the first input with the values of the second, of its shape, converting type and order. */
public record Assign() implements Op {
    /** The operation; it has no settings. */
    public static final Assign INSTANCE = new Assign();

    @Override
    public String name() {
        return "assign";
    }

    @Override
    public void infer(Call call) {
        if (!call.shape(1).equals(call.shape(0))) {
            throw new IllegalArgumentException("assign expects shape " + call.shape(0) + ", got " + call.describe(1));
        }
        call.overwrite(0);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().copy(call.in(1), call.out(0));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
