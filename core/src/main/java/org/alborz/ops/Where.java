package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Chooses element by element between two tensors; all three broadcast. */
public final class Where implements Op {
    private final Tensor condition;
    private final Shape shapeA;
    private final Shape shapeB;

    private Where(Tensor condition, Shape shapeA, Shape shapeB) {
        this.condition = condition;
        this.shapeA = shapeA;
        this.shapeB = shapeB;
    }

    /** Computes {@code condition ≠ 0 ? a : b}; the condition has no gradient. */
    public static Tensor apply(Tensor condition, Tensor a, Tensor b) {
        Operands.requireAlike("where", a, b);
        Operands.requireAlike("where", condition, a);
        Shape shape = Shape.broadcast(condition.shape(), Shape.broadcast(a.shape(), b.shape()));
        Tensor y = Operands.result(a, Operands.dense(shape, a, b));
        Tensor c = condition.view(condition.layout().expand(shape), ViewAccess.GRANTED);
        Tensor left = a.view(a.layout().expand(shape), ViewAccess.GRANTED);
        Tensor right = b.view(b.layout().expand(shape), ViewAccess.GRANTED);
        a.session().backend().elementwise().where(c, left, right, y);
        c.close();
        left.close();
        right.close();
        Node node = Node.record(y, a, b);
        if (node != null) {
            node.complete(new Where(node.save(condition), a.shape(), b.shape()));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor zero = Operands.scalar(dy, 0);
        if (inputs.wants(0)) {
            inputs.add(0, Operands.sumTo(apply(condition, dy, zero), shapeA));
        }
        if (inputs.wants(1)) {
            inputs.add(1, Operands.sumTo(apply(condition, zero, dy), shapeB));
        }
    }
}
