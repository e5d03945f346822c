package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.alborz.ops.Engine;
import org.alborz.ops.Scan;
import org.alborz.ops.ScatterAddAlongAxis;
import org.alborz.ops.ScatterAlongAxis;
import org.alborz.ops.TakeAlongAxis;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Operations along the lines of an axis: by an index for each element, in order, and cumulated. */
final class IndexEntries {
    private static final Shape CUBE = Shape.of(3, 5, 4);
    private static final Shape EMPTY = Shape.of(0, 5, 4);
    private static final Shape LONG = Shape.of(2, 1031);
    private static final int TAKEN = 7;
    private static final int SIZE = 6;

    private IndexEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        for (int axis = 0; axis < 3; axis++) {
            entries.add(take(axis));
            entries.add(scatterAdd(axis));
            entries.add(scatter(axis));
            entries.add(cumulativeSum(axis, axis != 1));
            entries.add(recurrence(axis, axis == 1));
        }
        entries.add(sorted());
        entries.add(topK());
        entries.add(cumulativeProduct());
        entries.add(product());
        return entries;
    }

    /** Returns indices from 0 to before a size, many of which are the same. */
    private static HostArray indices(int size, Shape shape) {
        return HostArray.uniform(61, 0, size, shape).map(Math::floor);
    }

    private static Tensor place(Tensor like, HostArray indices, boolean wide) {
        int[] values = Arrays.stream(indices.values()).mapToInt(x -> (int) x).toArray();
        Tensor placed = like.session().tensor(values, indices.shape());
        return wide ? placed.to(DType.INT64) : placed;
    }

    private static int[] at(int axis, double place, int... index) {
        int[] other = index.clone();
        other[axis] = (int) place;
        return other;
    }

    private static OpEntry take(int axis) {
        OpEntry entry = OpEntry.of(
                        "takeAlongAxis " + axis,
                        1,
                        in -> {
                            Shape x = in[0].shape();
                            HostArray indices = indices(x.size(axis), x.with(axis, TAKEN));
                            return in[0].takeAlongAxis(axis, place(in[0], indices, axis == 1));
                        },
                        in -> {
                            Shape x = in[0].shape();
                            HostArray indices = indices(x.size(axis), x.with(axis, TAKEN));
                            return HostArray.compute(indices.shape(), i -> in[0].at(at(axis, indices.at(i), i)));
                        })
                .covering(TakeAlongAxis.class)
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.uniform(62, -1, 1, CUBE)))
                .on(Sample.smooth(
                        HostArray.uniform(62, -1, 1, EMPTY.with(axis, 3).with((axis + 1) % 3, 0))))
                .on(Sample.forward(HostArray.uniform(62, -1, 1, Shape.of(2, 17, 33))));
        return LinearSpecials.added(entry, 0);
    }

    private static OpEntry scatterAdd(int axis) {
        OpEntry entry = OpEntry.of(
                        "scatterAddAlongAxis " + axis,
                        1,
                        in -> {
                            HostArray indices = indices(SIZE, in[0].shape());
                            return Engine.apply(
                                    new ScatterAddAlongAxis(axis, SIZE), in[0], place(in[0], indices, axis == 2));
                        },
                        in -> {
                            HostArray indices = indices(SIZE, in[0].shape());
                            HostArray y = HostArray.filled(0, in[0].shape().with(axis, SIZE));
                            HostArray.forEachIndex(in[0].shape(), i -> y.add(in[0].at(i), at(axis, indices.at(i), i)));
                            return y;
                        })
                .covering(ScatterAddAlongAxis.class)
                .within(Tolerance.accumulated())
                .on(Sample.smooth(HostArray.uniform(63, -1, 1, CUBE)))
                .on(Sample.smooth(HostArray.uniform(63, -1, 1, EMPTY)))
                .on(Sample.forward(HostArray.uniform(63, -1, 1, Shape.of(40, 17, 33))));
        return LinearSpecials.added(entry, 0);
    }

    private static OpEntry scatter(int axis) {
        OpEntry entry = OpEntry.of(
                        "scatterAlongAxis " + axis,
                        2,
                        in -> {
                            HostArray indices = indices(in[0].shape().size(axis), in[1].shape());
                            return in[0].scatter(axis, place(in[0], indices, axis == 0), in[1]);
                        },
                        in -> {
                            HostArray indices = indices(in[0].shape().size(axis), in[1].shape());
                            HostArray y = HostArray.compute(in[0].shape(), in[0]::at);
                            HostArray.forEachIndex(in[1].shape(), i -> {
                                int[] to = at(axis, indices.at(i), i);
                                y.set(in[1].at(i), to);
                            });
                            return y;
                        })
                .covering(ScatterAlongAxis.class)
                .within(Tolerance.rounded())
                .on(scattered(CUBE, axis, 4), scattered(CUBE, axis, 0))
                .on(scattered(EMPTY.with(axis, 3).with((axis + 1) % 3, 0), axis, 2))
                .on(Sample.forward(
                        HostArray.uniform(64, -1, 1, Shape.of(4, 17, 33)),
                        HostArray.uniform(65, -1, 1, Shape.of(4, 17, 33).with(axis, 21))));
        return LinearSpecials.added(entry, 0, 1);
    }

    private static Sample scattered(Shape shape, int axis, int count) {
        return Sample.smooth(
                HostArray.uniform(64, -1, 1, shape), HostArray.uniform(65, -1, 1, shape.with(axis, count)));
    }

    private static OpEntry cumulativeSum(int axis, boolean reverse) {
        OpEntry entry = OpEntry.of(
                        "cumulative sum " + axis + (reverse ? " in reverse" : ""),
                        1,
                        in -> Engine.apply(new Scan(axis, reverse), in[0], null),
                        in -> scanned(axis, reverse, HostArray.filled(1, in[0].shape()), in[0]))
                .covering(Scan.class)
                .within(Tolerance.accumulated())
                .on(Sample.smooth(HostArray.uniform(66, -1, 1, CUBE)))
                .on(Sample.smooth(HostArray.uniform(66, -1, 1, EMPTY)))
                .on(Sample.smooth(HostArray.uniform(66, -1, 1, Shape.of(2, 3, 2).with(axis, 0))))
                .on(Sample.forward(
                        HostArray.uniform(66, -1, 1, Shape.of(2, 3, 2).with(axis, 1031))));
        return LinearSpecials.added(entry, 0);
    }

    private static OpEntry recurrence(int axis, boolean reverse) {
        return OpEntry.of(
                        "recurrence " + axis + (reverse ? " in reverse" : ""),
                        2,
                        in -> Engine.apply(new Scan(axis, reverse), in[0], in[1]),
                        in -> scanned(axis, reverse, in[1], in[0]))
                .covering(Scan.class)
                .within(Tolerance.accumulated())
                .on(
                        recurring(CUBE),
                        recurring(EMPTY),
                        recurring(Shape.of(2, 3, 2).with(axis, 0)))
                .on(Sample.forward(
                        HostArray.uniform(67, -1, 1, Shape.of(2, 3, 2).with(axis, 300)),
                        HostArray.uniform(68, -0.9, 0.9, Shape.of(2, 3, 2).with(axis, 300))));
    }

    private static Sample recurring(Shape shape) {
        return Sample.smooth(HostArray.uniform(67, -1, 1, shape), HostArray.signed(68, 0.25, 1, shape));
    }

    private static HostArray scanned(int axis, boolean reverse, HostArray a, HostArray x) {
        int last = x.shape().size(axis) - 1;
        return HostArray.compute(x.shape(), index -> {
            int end = index[axis];
            double value = 0;
            for (int i = reverse ? last : 0; reverse ? i >= end : i <= end; i += reverse ? -1 : 1) {
                boolean first = i == (reverse ? last : 0);
                double term = x.at(at(axis, i, index));
                value = first ? term : value * a.at(at(axis, i, index)) + term;
            }
            return value;
        });
    }

    /** Numbers none of which are equal, so that a small step changes no order. */
    private static OpEntry sorted() {
        return OpEntry.of(
                        "sort",
                        1,
                        in -> in[0].sort(1, true).values(),
                        in -> ordered(in[0], true, in[0].shape().size(1)))
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.distinct(69, CUBE)), Sample.smooth(HostArray.distinct(69, EMPTY)))
                .on(Sample.forward(HostArray.distinct(69, LONG)));
    }

    private static OpEntry topK() {
        return OpEntry.of("topK", 1, in -> in[0].topK(3, 1, false).values(), in -> ordered(in[0], false, 3))
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.distinct(69, CUBE)), Sample.smooth(HostArray.distinct(69, EMPTY)))
                .on(Sample.forward(HostArray.distinct(69, LONG)));
    }

    private static HostArray ordered(HostArray x, boolean descending, int count) {
        return HostArray.compute(x.shape().with(1, count), i -> {
            Comparator<Double> order = descending ? Comparator.reverseOrder() : Comparator.naturalOrder();
            return IntStream.range(0, x.shape().size(1))
                    .mapToObj(k -> x.at(at(1, k, i)))
                    .sorted(order)
                    .skip(i[1])
                    .findFirst()
                    .orElseThrow();
        });
    }

    private static OpEntry cumulativeProduct() {
        return OpEntry.of(
                        "cumulative product",
                        1,
                        in -> in[0].cumProd(1),
                        in -> scanned(
                                1, false, in[0], HostArray.compute(in[0].shape(), i -> i[1] == 0 ? in[0].at(i) : 0)))
                .within(Tolerance.accumulated())
                .on(Sample.smooth(withZeros(CUBE)), Sample.smooth(HostArray.signed(70, 0.5, 1.5, EMPTY)))
                .on(Sample.smooth(HostArray.signed(70, 0.5, 1.5, Shape.of(2, 1, 3))));
    }

    private static OpEntry product() {
        return OpEntry.of(
                        "product",
                        1,
                        in -> in[0].prod(1, -1),
                        in -> in[0].reduce(1, (a, b) -> a * b, 1, 2)
                                .reshape(Shape.of(in[0].shape().size(0))))
                .within(Tolerance.accumulated())
                .on(Sample.smooth(withZeros(CUBE)), Sample.smooth(HostArray.signed(70, 0.5, 1.5, EMPTY)))
                .on(Sample.smooth(HostArray.signed(70, 0.5, 1.5, Shape.of(2, 0, 3))));
    }

    /** A line of one zero, one of two, and others of none. */
    private static HostArray withZeros(Shape shape) {
        HostArray numbers = HostArray.signed(70, 0.5, 1.5, shape);
        numbers.set(0, 0, 2, 1);
        numbers.set(0, 1, 0, 3);
        numbers.set(0, 1, 4, 3);
        return numbers;
    }
}
