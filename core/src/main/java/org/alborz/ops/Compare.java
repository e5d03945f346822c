package org.alborz.ops;

import java.util.Arrays;
import org.alborz.backend.Backend;
import org.alborz.backend.Comparison;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** A relation of each pair of elements of two tensors of one type, which broadcast; the result is bool. */
public record Compare(Comparison op) implements Op {
    private static final Compare[] ALL =
            Arrays.stream(Comparison.values()).map(Compare::new).toArray(Compare[]::new);

    /** Returns the operation, always the same one. */
    public static Compare of(Comparison op) {
        return ALL[Given.value(op, "apply", "a comparison").ordinal()];
    }

    /** Compares a tensor with a number, which counts as the tensor's type has it. */
    static Tensor apply(Comparison op, Tensor x, double value) {
        return Engine.apply(of(op), x, Full.like(x, value));
    }

    @Override
    public String name() {
        return FunctionNames.of(op);
    }

    @Override
    public void infer(Call call) {
        call.sameType(0, 1);
        Shape shape = Shape.broadcast(call.shape(0), call.shape(1));
        call.result(DType.BOOL, Layouts.dense(shape, call.layout(0), call.layout(1)));
        call.broadcast(0, shape);
        call.broadcast(1, shape);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().compare(op, call.in(0), call.in(1), call.out(0));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
