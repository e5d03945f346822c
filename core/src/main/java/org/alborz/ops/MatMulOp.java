package org.alborz.ops;

import java.util.Arrays;
import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The product of the matrices in the last two axes, {@code […, M, K]} and {@code […, K, N]}; the axes in front are a batch that
 * broadcasts.
 */
public record MatMulOp() implements Op {
    /** The operation; it has no settings. */
    public static final MatMulOp INSTANCE = new MatMulOp();

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public void infer(Call call) {
        call.alike(0, 1);
        Shape a = call.shape(0);
        Shape b = call.shape(1);
        if (a.rank() < 2 || b.rank() < 2 || a.size(-1) != b.size(-2)) {
            throw new IllegalArgumentException("matmul expects [..., M, K] and [..., K, N], got " + a + " and " + b);
        }
        call.matrix(0);
        call.matrix(1);
        if (a.rank() == 2 && b.rank() == 2) {
            call.result(Shape.of(a.size(0), b.size(1)));
            return;
        }
        Shape batch = Shape.broadcast(batchOf(a), batchOf(b));
        if (batch.elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("matmul expects a batch of at most " + Integer.MAX_VALUE
                    + " matrices, got " + batch.elements() + " of " + a + " and " + b);
        }
        asRankThree(call, 0, batch);
        asRankThree(call, 1, batch);
        call.result(append(batch, a.size(-2), b.size(-1)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape y = call.out(0).shape();
        Operand out = y.rank() == 2
                ? call.out(0)
                : call.out(0, Layout.rowMajor(Shape.of(call.in(0).shape().size(0), y.size(-2), y.size(-1))));
        backend.matMul().multiply(call.in(0), call.in(1), null, Activation.NONE, out);
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return results.get(0).shape().elements() * inputs.get(0).shape().size(-1);
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.input(1);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor a = inputs.input(0);
        Tensor b = inputs.input(1);
        if (inputs.needs(0)) {
            inputs.add(0, Reduction.sumTo(dy.matmul(b.transpose(-1, -2)), a.shape()));
        }
        if (inputs.needs(1)) {
            inputs.add(1, Reduction.sumTo(a.transpose(-1, -2).matmul(dy), b.shape()));
        }
    }

    private static Shape batchOf(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.toArray(), shape.rank() - 2));
    }

    private static Shape append(Shape batch, int rows, int columns) {
        int[] sizes = Arrays.copyOf(batch.toArray(), batch.rank() + 2);
        sizes[batch.rank()] = rows;
        sizes[batch.rank() + 1] = columns;
        return Shape.of(sizes);
    }

    /** Has an operand read as {@code [B, rows, columns]}, expanded to the whole batch. */
    private static void asRankThree(Call call, int input, Shape batch) {
        int rows = call.shape(input).size(-2);
        int columns = call.shape(input).size(-1);
        Shape flat = Shape.of((int) batch.elements(), rows, columns);
        call.broadcast(input, append(batch, rows, columns));
        Layout three = call.layout(input).reshape(flat);
        if (three == null) {
            call.rowMajor(input);
            three = Layout.rowMajor(flat);
        }
        call.read(input, three);
    }
}
