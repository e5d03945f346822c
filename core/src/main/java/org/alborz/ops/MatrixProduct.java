package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The product of the matrices in the last two axes; the axes in front are a batch that broadcasts. */
public final class MatrixProduct implements Op {
    private final Tensor a;
    private final Tensor b;

    private MatrixProduct(Tensor a, Tensor b) {
        this.a = a;
        this.b = b;
    }

    /**
     * Computes {@code a·b}.
     *
     * @param a {@code […, M, K]}
     * @param b {@code […, K, N]}
     */
    public static Tensor apply(Tensor a, Tensor b) {
        Operands.requireAlike("matmul", a, b);
        if (a.shape().rank() < 2
                || b.shape().rank() < 2
                || a.shape().size(-1) != b.shape().size(-2)) {
            throw new IllegalArgumentException(
                    "matmul expects [..., M, K] and [..., K, N], got " + a.shape() + " and " + b.shape());
        }
        Tensor y = a.shape().rank() == 2 && b.shape().rank() == 2 ? product(a, b) : batched(a, b);
        Node node = Node.record(y, a, b);
        if (node != null) {
            node.complete(new MatrixProduct(node.save(a), node.save(b)));
        }
        return y;
    }

    private static Tensor product(Tensor a, Tensor b) {
        Tensor left = matrix(a);
        Tensor right = matrix(b);
        Tensor y = Operands.result(a, Shape.of(a.shape().size(0), b.shape().size(1)));
        a.session().backend().matMul().multiply(left, right, null, Activation.NONE, y);
        Operands.closeCopy(left, a);
        Operands.closeCopy(right, b);
        return y;
    }

    private static Tensor batched(Tensor a, Tensor b) {
        Shape batch = Shape.broadcast(batchOf(a.shape()), batchOf(b.shape()));
        if (batch.elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("matmul expects a batch of at most " + Integer.MAX_VALUE
                    + " matrices, got " + batch.elements() + " of " + a.shape() + " and " + b.shape());
        }
        int m = a.shape().size(-2);
        int n = b.shape().size(-1);
        Tensor left = asRankThree(a, batch);
        Tensor right = asRankThree(b, batch);
        Tensor product = Operands.result(a, Shape.of((int) batch.elements(), m, n));
        a.session().backend().matMul().multiply(left, right, null, Activation.NONE, product);
        left.close();
        right.close();
        Tensor y = product.view(Layout.rowMajor(append(batch, m, n)), ViewAccess.GRANTED);
        product.close();
        return y;
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

    /** Returns the operand expanded to the whole batch as {@code [B, rows, columns]}; a tensor of its own, to be closed. */
    private static Tensor asRankThree(Tensor x, Shape batch) {
        int rows = x.shape().size(-2);
        int columns = x.shape().size(-1);
        Shape flat = Shape.of((int) batch.elements(), rows, columns);
        Tensor matrices = matrix(x);
        Layout expanded = matrices.layout().expand(append(batch, rows, columns));
        Layout three = expanded.reshape(flat);
        Tensor result;
        if (three != null) {
            result = matrices.view(three, ViewAccess.GRANTED);
        } else {
            Tensor whole = matrices.view(expanded, ViewAccess.GRANTED);
            Tensor copy = Operands.copy(whole, Layout.rowMajor(expanded.shape()));
            result = copy.view(Layout.rowMajor(flat), ViewAccess.GRANTED);
            copy.close();
            whole.close();
        }
        Operands.closeCopy(matrices, x);
        return result;
    }

    /** Returns the tensor itself where its matrices have a unit stride and no overlap, or an unrecorded copy that does. */
    static Tensor matrix(Tensor x) {
        Layout layout = x.layout();
        int rows = x.shape().size(-2);
        int columns = x.shape().size(-1);
        boolean byRows = (layout.stride(-1) == 1 || columns == 1) && (layout.stride(-2) >= columns || rows == 1);
        boolean byColumns = (layout.stride(-2) == 1 || rows == 1) && (layout.stride(-1) >= rows || columns == 1);
        return byRows || byColumns ? x : Operands.copy(x, Layout.rowMajor(x.shape()));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.wants(0)) {
            inputs.add(0, Operands.sumTo(dy.matmul(b.transpose(-1, -2)), a.shape()));
        }
        if (inputs.wants(1)) {
            inputs.add(1, Operands.sumTo(a.transpose(-1, -2).matmul(dy), b.shape()));
        }
    }
}
