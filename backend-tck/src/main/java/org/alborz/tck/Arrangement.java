package org.alborz.tck;

import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Layouts that the same elements can have in memory. */
enum Arrangement {
    ROW_MAJOR {
        @Override
        Tensor place(Session session, HostArray array) {
            return session.tensor(array.values(), array.shape());
        }
    },
    /** The axes in the opposite order: the first axis contiguous. */
    TRANSPOSED {
        @Override
        Tensor place(Session session, HostArray array) {
            int[] reversed = reversed(array.shape());
            return ROW_MAJOR.place(session, array.permute(reversed)).permute(reversed);
        }
    },
    /** Images as N, H, W, C; row-major for any other rank. */
    CHANNELS_LAST {
        @Override
        Tensor place(Session session, HostArray array) {
            return ROW_MAJOR.place(session, array).to(Layout.channelsLast(array.shape()));
        }
    },
    /** Every second element of the last axis of a longer array, from its second on. */
    STEPPED {
        @Override
        Tensor place(Session session, HostArray array) {
            int axis = array.shape().rank() - 1;
            return axis < 0 ? SHIFTED.place(session, array) : within(session, array, axis, 1, 2);
        }
    },
    /** A part of the first axis: a gap of NaN before it and behind it. */
    SHIFTED {
        @Override
        Tensor place(Session session, HostArray array) {
            HostArray atLeastVector = array.shape().rank() > 0 ? array : array.reshape(Shape.of(1));
            Tensor part = within(session, atLeastVector, 0, 3, 1);
            return part.reshape(array.shape());
        }
    },
    /** One slice read again and again along the first axis, with stride 0. */
    EXPANDED {
        @Override
        Tensor place(Session session, HostArray array) {
            if (array.shape().rank() == 0 || array.shape().elements() == 0) {
                return ROW_MAJOR.place(session, array);
            }
            HostArray slice = firstSlice(array);
            return ROW_MAJOR.place(session, slice).expand(array.shape());
        }

        @Override
        Sample adapt(OpEntry entry, Sample sample) {
            HostArray[] inputs = sample.inputs().clone();
            for (int i = 0; i < inputs.length; i++) {
                if (!entry.contiguous().contains(i)
                        && inputs[i].shape().rank() > 0
                        && inputs[i].shape().elements() > 0) {
                    inputs[i] = firstSlice(inputs[i]).expand(inputs[i].shape());
                }
            }
            return new Sample(sample.name(), false, inputs);
        }
    };

    static List<Arrangement> strided() {
        return List.of(TRANSPOSED, CHANNELS_LAST, STEPPED, SHIFTED, EXPANDED);
    }

    /** Makes a tensor of these elements. */
    abstract Tensor place(Session session, HostArray array);

    /** Makes the inputs of an operation, all arranged so but those that must be contiguous. */
    Tensor[] placeAll(Session session, OpEntry entry, Sample sample) {
        Tensor[] inputs = new Tensor[sample.inputs().length];
        for (int i = 0; i < inputs.length; i++) {
            Arrangement possible = entry.contiguous().contains(i) ? ROW_MAJOR : this;
            inputs[i] = possible.place(session, sample.inputs()[i]);
        }
        return inputs;
    }

    /** Returns a sample that can have this layout. */
    Sample adapt(OpEntry entry, Sample sample) {
        return sample;
    }

    private static HostArray firstSlice(HostArray array) {
        return HostArray.compute(array.shape().with(0, 1), array::at);
    }

    private static int[] reversed(Shape shape) {
        int[] axes = new int[shape.rank()];
        Arrays.setAll(axes, i -> axes.length - 1 - i);
        return axes;
    }

    /** Sets the array into one filled with NaN, twice as long along an axis and some more. */
    private static Tensor within(Session session, HostArray array, int axis, int start, int step) {
        int size = array.shape().size(axis);
        HostArray around = HostArray.filled(Double.NaN, array.shape().with(axis, 2 * size + 4));
        Tensor whole = session.tensor(around.values(), around.shape());
        Tensor part = Engine.apply(new Narrow(axis, start, size, step), whole);
        return part.assign(ROW_MAJOR.place(session, array));
    }
}
