package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.type.Shape;

/** A connective of truth values, applied to each pair of elements of two bool tensors, which broadcast. */
public record Logic(Connective connective) implements Op {
    /** Which pairs are true: both, at least one, exactly one. */
    public enum Connective {
        AND,
        OR,
        XOR
    }

    @Override
    public String name() {
        return FunctionNames.camelCase(connective);
    }

    @Override
    public void infer(Call call) {
        call.bool(0);
        call.bool(1);
        Shape shape = Shape.broadcast(call.shape(0), call.shape(1));
        call.result(Layouts.dense(shape, call.layout(0), call.layout(1)));
        call.broadcast(0, shape);
        call.broadcast(1, shape);
    }

    @Override
    public void compute(Backend backend, Call call) {
        switch (connective) {
            case AND -> backend.elementwise().binary(BinaryOp.MINIMUM, call.in(0), call.in(1), call.out(0));
            case OR -> backend.elementwise().binary(BinaryOp.MAXIMUM, call.in(0), call.in(1), call.out(0));
            case XOR -> backend.elementwise().compare(Comparison.NOT_EQUAL, call.in(0), call.in(1), call.out(0));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
