package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.ops.Binary;
import org.alborz.ops.Where;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** One entry a {@link BinaryOp}, and the choice between two tensors; all broadcast. */
final class BinaryEntries {
    static final int[] LENGTHS = {1, 3, 7, 8, 9, 15, 16, 17, 33, 65, 70, 1031};

    /** Pairs of shapes that broadcast: over rows, columns, both ways, channels, missing axes, and axes of no elements. */
    static final Shape[][] BROADCAST = {
        {Shape.of(2, 3, 4), Shape.of(4)},
        {Shape.of(3, 1), Shape.of(1, 4)},
        {Shape.scalar(), Shape.of(5)},
        {Shape.of(2, 3, 2, 5), Shape.of(3, 1, 1)},
        {Shape.of(4, 1, 3), Shape.of(2, 1)},
        {Shape.of(2, 3), Shape.of(1, 1, 1)},
        {Shape.of(2, 0, 3), Shape.of(1, 3)},
        {Shape.of(1), Shape.of(0)}
    };

    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private BinaryEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        for (BinaryOp op : BinaryOp.values()) {
            entries.add(entry(op));
        }
        entries.add(where());
        return entries;
    }

    private static OpEntry entry(BinaryOp op) {
        DoubleBinaryOperator oracle = oracle(op);
        OpEntry entry = OpEntry.of(
                        "binary " + op,
                        2,
                        in -> in[0].apply(op, in[1]),
                        in -> HostArray.broadcast(oracle, in[0], in[1]))
                .covering(op, Binary.class)
                .within(op == BinaryOp.POWER || op == BinaryOp.ATAN2 ? Tolerance.function() : Tolerance.rounded())
                .on(sample(op, Shape.of(3, 5, 2), Shape.of(3, 5, 2)))
                .on(sample(op, Shape.of(2, 3, 4, 5), Shape.of(2, 3, 4, 5)))
                .on(special(op))
                .atSpecialValues(BinarySpecials.of(op));
        for (Shape[] shapes : BROADCAST) {
            entry = entry.on(sample(op, shapes[0], shapes[1]), sample(op, shapes[1], shapes[0]));
        }
        for (int length : LENGTHS) {
            Shape shape = Shape.of(length);
            entry = entry.on(Sample.forward(left(op, shape), right(op, shape)));
        }
        return switch (op) {
            case RELU_BACKWARD -> entry.watching(1);
            case FLOOR_DIVIDE -> entry.watching();
            default -> entry;
        };
    }

    private static Sample sample(BinaryOp op, Shape a, Shape b) {
        return Sample.smooth(left(op, a), right(op, b));
    }

    private static HostArray left(BinaryOp op, Shape shape) {
        return switch (op) {
            case POWER -> HostArray.uniform(21, 0.5, 2, shape);
            case MAXIMUM, MINIMUM -> HostArray.distinct(21, shape).map(x -> (float) (2 * x));
            default -> HostArray.signed(21, 0.25, 2, shape);
        };
    }

    private static HostArray right(BinaryOp op, Shape shape) {
        return switch (op) {
            // Moved a little, so that no pair is near a tie.
            case MAXIMUM, MINIMUM -> HostArray.distinct(22, shape).map(x -> (float) (2 * x + 0.01));
            default -> HostArray.signed(22, 0.25, 2, shape);
        };
    }

    private static Sample special(BinaryOp op) {
        HostArray a;
        HostArray b;
        if (op == BinaryOp.POWER) {
            a = HostArray.vector(0, 0, 1, 4, 2, -2, -2, NAN, NAN, 1, 1, -1, -1);
            b = HostArray.vector(0, 2, 3, 0.5, -1, 2, 3, 2, 0, NAN, INF, INF, NAN);
        } else {
            a = HostArray.vector(NAN, 1, NAN, 0, 2, 2, 0x1p100, -0x1p100, 0);
            b = HostArray.vector(1, NAN, NAN, 3, 2, 0, 0x1p60, 0x1p60, 0);
        }
        return Sample.forward(a, b).named("special values");
    }

    static DoubleBinaryOperator oracle(BinaryOp op) {
        return switch (op) {
            case ADD -> (a, b) -> a + b;
            case SUBTRACT -> (a, b) -> a - b;
            case MULTIPLY -> (a, b) -> a * b;
            case DIVIDE -> (a, b) -> a / b;
            case POWER -> BinarySpecials::power;
            case MAXIMUM -> (a, b) -> Double.isNaN(a) || a > b ? a : b;
            case MINIMUM -> (a, b) -> Double.isNaN(a) || a < b ? a : b;
            case RELU_BACKWARD -> (a, b) -> a <= 0 ? 0 : b;
            case REMAINDER -> BinaryEntries::remainder;
            case FLOOR_DIVIDE -> BinaryEntries::floorDivide;
            case ATAN2 -> StrictMath::atan2;
        };
    }

    /** By the IEEE remainder, whose sign is moved to the divisor's. */
    static double remainder(double a, double b) {
        double left = StrictMath.IEEEremainder(a, b);
        return Double.isNaN(left) || left == 0 || left > 0 == b > 0 ? left : left + b;
    }

    static double floorDivide(double a, double b) {
        double left = remainder(a, b);
        // Of a small number and a large one of another sign, all of the divisor is left.
        return b == 0
                ? a / b
                : Double.isInfinite(b) ? (Double.isNaN(left) ? left : a * b < 0 ? -1 : 0) : Math.rint((a - left) / b);
    }

    private static OpEntry where() {
        OpEntry entry = OpEntry.of("where", 3, in -> Tensor.where(in[0].ne(0), in[1], in[2]), BinaryEntries::choose)
                .covering(Where.class)
                .within(Tolerance.rounded())
                .watching(1, 2)
                .atSpecialValues(SelectionSpecials.where())
                .on(choice(Shape.of(3, 5, 2), Shape.of(3, 5, 2), Shape.of(3, 5, 2)))
                .on(choice(Shape.of(2, 3, 2, 5), Shape.of(3, 1, 1), Shape.of(5)))
                .on(choice(Shape.of(3, 1), Shape.of(1, 4), Shape.scalar()))
                .on(choice(Shape.of(0), Shape.of(1), Shape.of(0)));
        for (int length : LENGTHS) {
            Shape shape = Shape.of(length);
            entry = entry.on(choice(shape, shape, shape));
        }
        return entry;
    }

    private static Sample choice(Shape condition, Shape a, Shape b) {
        // Anything but 0 means true: here −1, 0 or 1, and -0.0 is 0.
        HostArray chosen = HostArray.uniform(23, -1.5, 1.5, condition).map(Math::rint);
        return Sample.smooth(chosen, HostArray.uniform(24, -2, 2, a), HostArray.uniform(25, -2, 2, b));
    }

    private static HostArray choose(HostArray... in) {
        Shape shape = Shape.broadcast(in[0].shape(), Shape.broadcast(in[1].shape(), in[2].shape()));
        HostArray condition = in[0].expand(shape);
        HostArray a = in[1].expand(shape);
        HostArray b = in[2].expand(shape);
        return HostArray.compute(shape, i -> condition.at(i) != 0 ? a.at(i) : b.at(i));
    }
}
