package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** Random numbers, the same for the same key on every backend; each element takes its number in the order of memory. */
public record Random(Distribution distribution, RandomKey key, DType dtype, Layout layout) implements Op {
    /** How they are distributed. */
    public enum Distribution {
        /** Evenly over [0, 1). */
        UNIFORM,
        /** Normally, with mean 0 and variance 1. */
        NORMAL
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public void infer(Call call) {
        call.result(dtype, layout);
    }

    @Override
    public void compute(Backend backend, Call call) {
        switch (distribution) {
            case UNIFORM -> backend.randomFill().uniform(key, call.out(0));
            case NORMAL -> backend.randomFill().normal(key, call.out(0));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
