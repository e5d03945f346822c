package org.alborz.tck;

import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Concat;
import org.alborz.ops.Convert;
import org.alborz.ops.Engine;
import org.alborz.ops.Expand;
import org.alborz.ops.Gather;
import org.alborz.ops.Narrow;
import org.alborz.ops.Pad;
import org.alborz.ops.Permute;
import org.alborz.ops.Reshape;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Operations that move elements: to another shape or place, and by index. */
final class ShapeEntries {
    private static final Shape CUBE = Shape.of(3, 5, 4);
    private static final Shape EMPTY = Shape.of(3, 0, 4);
    private static final Shape IMAGES = Shape.of(2, 17, 3, 5);

    private ShapeEntries() {}

    static List<OpEntry> all() {
        return List.of(
                reshape(),
                permute(),
                expand(),
                narrow(),
                pad(),
                concatenate(),
                toLayout(),
                toType(),
                gather(0),
                gather(2),
                gatherOfRank(0, Shape.of(2, 3), true),
                gatherOfRank(1, Shape.of(2, 1, 3), false),
                gatherOfRank(2, Shape.scalar(), true),
                gatherOfRank(-1, Shape.of(2, 2), false),
                scatterAdd(0),
                scatterAdd(2),
                scatterAddOfRank());
    }

    private static OpEntry entry(String name, Class<?> op, OpEntry.TensorFunction function, OpEntry.Oracle oracle) {
        return LinearSpecials.added(
                OpEntry.of(name, 1, function, oracle)
                        .covering(op)
                        .within(Tolerance.rounded())
                        .on(Sample.smooth(HostArray.uniform(41, -1, 1, CUBE))),
                0);
    }

    private static OpEntry reshape() {
        return entry("reshape", Reshape.class, in -> in[0].reshape(4, -1), in -> {
                    int columns = Math.toIntExact(in[0].shape().elements() / 4);
                    return in[0].reshape(Shape.of(4, columns));
                })
                .on(
                        Sample.smooth(HostArray.uniform(42, -1, 1, EMPTY)),
                        Sample.forward(HostArray.uniform(42, -1, 1, IMAGES.with(0, 4))));
    }

    private static OpEntry permute() {
        return entry("permute", Permute.class, in -> in[0].permute(2, 0, 1), in -> in[0].permute(2, 0, 1))
                .on(Sample.smooth(HostArray.uniform(43, -1, 1, EMPTY)));
    }

    private static OpEntry expand() {
        Shape to = Shape.of(2, 3, 4, 5);
        OpEntry entry = OpEntry.of("expand", 1, in -> in[0].expand(to), in -> in[0].expand(to))
                .covering(Expand.class)
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.uniform(44, -1, 1, Shape.of(3, 1, 5))))
                .on(Sample.smooth(HostArray.uniform(44, -1, 1, Shape.of(2, 3, 4, 1))))
                .on(Sample.smooth(HostArray.uniform(44, -1, 1, Shape.scalar())))
                .on(Sample.smooth(HostArray.uniform(44, -1, 1, to)));
        return LinearSpecials.added(entry, 0);
    }

    private static OpEntry narrow() {
        return entry(
                        "narrow",
                        Narrow.class,
                        in -> Engine.apply(new Narrow(1, 1, 2, 2), in[0]),
                        in -> HostArray.compute(in[0].shape().with(1, 2), i -> in[0].at(i[0], 1 + 2 * i[1], i[2])))
                .on(Sample.smooth(HostArray.uniform(45, -1, 1, Shape.of(0, 4, 3))));
    }

    private static OpEntry pad() {
        return entry("pad", Pad.class, in -> Engine.apply(new Pad(1, 1, 2, 12), in[0]), in -> {
                    HostArray y = HostArray.filled(0, in[0].shape().with(1, 12));
                    HostArray.forEachIndex(in[0].shape(), i -> y.add(in[0].at(i), i[0], 1 + 2 * i[1], i[2]));
                    return y;
                })
                .on(Sample.smooth(HostArray.uniform(46, -1, 1, EMPTY)));
    }

    private static OpEntry concatenate() {
        OpEntry entry = OpEntry.of("concatenate", 3, in -> Tensor.concat(1, in), ShapeEntries::concatenated)
                .covering(Concat.class)
                .within(Tolerance.rounded())
                .on(parts(2, 5, 1), parts(0, 3, 0), parts(0, 0, 0), parts(17, 1, 33));
        return LinearSpecials.added(entry, 0, 1);
    }

    private static Sample parts(int... sizes) {
        HostArray[] parts = new HostArray[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            parts[i] = HostArray.uniform(47 + i, -1, 1, Shape.of(2, sizes[i], 3));
        }
        return Sample.smooth(parts);
    }

    private static HostArray concatenated(HostArray... parts) {
        int size = 0;
        for (HostArray part : parts) {
            size += part.shape().size(1);
        }
        HostArray y = HostArray.filled(0, parts[0].shape().with(1, size));
        int start = 0;
        for (HostArray part : parts) {
            int first = start;
            HostArray.forEachIndex(part.shape(), i -> y.add(part.at(i), i[0], first + i[1], i[2]));
            start += part.shape().size(1);
        }
        return y;
    }

    private static OpEntry toLayout() {
        OpEntry entry = OpEntry.of("to(layout)", 1, in -> in[0].to(Layout.channelsLast(in[0].shape())), in -> in[0])
                .covering(Convert.class)
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.uniform(48, -1, 1, IMAGES)))
                .on(Sample.smooth(HostArray.uniform(48, -1, 1, Shape.of(0, 3, 2, 2))));
        return LinearSpecials.added(entry, 0);
    }

    /** To float64 and back, which loses nothing; in a session of float64 there is nothing to convert. */
    private static OpEntry toType() {
        return OpEntry.of("to(float64) and back", 1, ShapeEntries::thereAndBack, in -> in[0])
                .within(Tolerance.rounded())
                .on(Sample.smooth(HostArray.uniform(41, -1, 1, CUBE)));
    }

    private static Tensor thereAndBack(Tensor... in) {
        boolean refused = in[0].session().backend().refuses(DType.FLOAT64).isPresent();
        Tensor x = in[0].mul(1);
        return refused ? x : x.to(DType.FLOAT64).to(in[0].dtype());
    }

    private static OpEntry gather(int axis) {
        int[] indices = {2, 0, 2, 1};
        return entry(
                        "gather along axis " + axis,
                        Gather.class,
                        in -> in[0].gather(axis, ints(in[0], indices)),
                        in -> HostArray.compute(in[0].shape().with(axis, indices.length), i -> {
                            int[] from = i.clone();
                            from[axis] = indices[i[axis]];
                            return in[0].at(from);
                        }))
                .on(
                        Sample.smooth(HostArray.uniform(49, -1, 1, EMPTY)),
                        Sample.forward(HostArray.uniform(49, -1, 1, IMAGES.with(0, 3))));
    }

    /** By indices of any number of axes; many of them are the same. */
    private static OpEntry gatherOfRank(int axis, Shape shape, boolean wide) {
        HostArray indices = HostArray.uniform(51, 0, 3, shape).map(Math::floor);
        return entry(
                        "gather along axis " + axis + " by " + (wide ? "int64 " : "int32 ") + shape,
                        Gather.class,
                        in -> in[0].gather(axis, indices(in[0], indices, wide)),
                        in -> gathered(in[0], in[0].shape().axis(axis), indices))
                .on(
                        Sample.smooth(HostArray.uniform(49, -1, 1, Shape.of(4, 3, 7))),
                        Sample.forward(HostArray.uniform(49, -1, 1, IMAGES.with(0, 3))));
    }

    private static HostArray gathered(HostArray x, int axis, HostArray indices) {
        int rank = indices.shape().rank();
        Shape y = x.shape().remove(axis);
        for (int i = 0; i < rank; i++) {
            y = y.insert(axis + i, indices.shape().size(i));
        }
        return HostArray.compute(y, i -> {
            int[] at = Arrays.copyOfRange(i, axis, axis + rank);
            int[] from = new int[x.shape().rank()];
            for (int k = 0; k < from.length; k++) {
                from[k] = k < axis ? i[k] : k == axis ? (int) indices.at(at) : i[k + rank - 1];
            }
            return x.at(from);
        });
    }

    /** Each index stands in a matrix, as the tokens of sentences do; x is read along axes that are not next to each other. */
    private static OpEntry scatterAddOfRank() {
        HostArray indices = HostArray.of(Shape.of(3, 5), 0, 5, 5, 2, 0, 1, 1, 1, 1, 1, 3, 0, 2, 5, 0);
        return entry(
                        "scatterAdd by int64 [3, 5]",
                        ScatterAdd.class,
                        in -> Engine.apply(new ScatterAdd(0, 6), in[0], indices(in[0], indices, true)),
                        in -> {
                            HostArray y = HostArray.filled(
                                    0, Shape.of(6, in[0].shape().size(2)));
                            HostArray.forEachIndex(
                                    in[0].shape(), i -> y.add(in[0].at(i), (int) indices.at(i[0], i[1]), i[2]));
                            return y;
                        })
                .within(Tolerance.accumulated())
                .on(Sample.smooth(HostArray.uniform(50, -1, 1, Shape.of(3, 5, 0))));
    }

    private static Tensor indices(Tensor like, HostArray indices, boolean wide) {
        long[] values = new long[indices.values().length];
        Arrays.setAll(values, i -> (long) indices.values()[i]);
        Tensor all = like.session().tensor(values, indices.shape());
        return wide ? all : all.to(DType.INT32);
    }

    private static OpEntry scatterAdd(int axis) {
        int[] indices = axis == 0 ? new int[] {4, 1, 4} : new int[] {0, 5, 5, 2};
        return entry(
                        "scatterAdd along axis " + axis,
                        ScatterAdd.class,
                        in -> Engine.apply(new ScatterAdd(axis, 6), in[0], ints(in[0], indices)),
                        in -> {
                            HostArray y = HostArray.filled(0, in[0].shape().with(axis, 6));
                            HostArray.forEachIndex(in[0].shape(), i -> {
                                int[] into = i.clone();
                                into[axis] = indices[i[axis]];
                                y.add(in[0].at(i), into);
                            });
                            return y;
                        })
                .within(Tolerance.accumulated())
                .on(Sample.smooth(HostArray.uniform(50, -1, 1, EMPTY)));
    }

    static Tensor ints(Tensor like, int... values) {
        return like.session().tensor(values, Shape.of(values.length));
    }
}
