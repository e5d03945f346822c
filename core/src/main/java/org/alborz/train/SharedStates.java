package org.alborz.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.alborz.distributed.Collective;
import org.alborz.distributed.DeviceCollective;
import org.alborz.distributed.Reduction;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** The states of layers, such as running statistics, that all ranks take from rank 0: those of float32 by one message, and all others by another. */
final class SharedStates {
    private final Collective collective;

    /** Null where states go over the host's memory. */
    private final DeviceCollective device;

    private final List<Tensor> states;
    private final List<Tensor> singles;
    private final List<Tensor> others;

    /** The values of all, one after another; used again. */
    private final float[] floats;

    private final double[] doubles;

    /** The values of each of float32, which are written to the device. */
    private final float[][] received;

    SharedStates(Collective collective, DeviceCollective device, List<Tensor> states) {
        this.collective = collective;
        this.device = device;
        this.states = states;
        this.singles = states.stream().filter(SharedStates::isSingle).toList();
        this.others = states.stream().filter(state -> !isSingle(state)).toList();
        this.floats = new float[count(singles)];
        this.doubles = new double[count(others)];
        this.received =
                singles.stream().map(state -> new float[elements(state)]).toArray(float[][]::new);
    }

    private static boolean isSingle(Tensor state) {
        return state.dtype() == DType.FLOAT32;
    }

    private static int count(List<Tensor> states) {
        return Math.toIntExact(
                states.stream().mapToLong(state -> state.shape().elements()).sum());
    }

    /** Gives all ranks the values of rank 0; on a device it begins to. */
    void share() {
        if (device != null) {
            shareOnDevice();
            return;
        }
        if (floats.length > 0) {
            shareSingles();
        }
        if (doubles.length > 0) {
            shareOthers();
        }
    }

    private void shareOnDevice() {
        if (!states.isEmpty()) {
            states.get(0).session().changeInPlace(states, backend -> device.beginBroadcast(backend, states, 0));
        }
    }

    private void shareSingles() {
        if (collective.rank() == 0) {
            int at = 0;
            for (int i = 0; i < singles.size(); i++) {
                int count = elements(singles.get(i));
                singles.get(i).read(FloatBuffer.wrap(floats, at, count));
                at += count;
            }
        }
        collective.broadcast(floats, 0, floats.length, 0);
        if (collective.rank() > 0) {
            int at = 0;
            for (int i = 0; i < singles.size(); i++) {
                Tensor state = singles.get(i);
                int count = elements(state);
                Tensor shared = empty(state, DType.FLOAT32);
                float[] values = received[i];
                System.arraycopy(floats, at, values, 0, count);
                state.session().write(values, shared);
                assign(state, shared);
                at += count;
            }
        }
    }

    private void shareOthers() {
        Arrays.fill(doubles, 0);
        if (collective.rank() == 0) {
            int at = 0;
            for (int i = 0; i < others.size(); i++) {
                double[] values = others.get(i).toDoubles();
                System.arraycopy(values, 0, doubles, at, values.length);
                at += values.length;
            }
        }
        collective.allReduce(Reduction.SUM, doubles);
        if (collective.rank() > 0) {
            int at = 0;
            for (int i = 0; i < others.size(); i++) {
                Tensor state = others.get(i);
                int count = elements(state);
                Tensor shared = empty(state, DType.FLOAT64);
                state.session().write(Arrays.copyOfRange(doubles, at, at + count), shared);
                assign(state, shared);
                at += count;
            }
        }
    }

    private static int elements(Tensor state) {
        return (int) state.shape().elements();
    }

    private static Tensor empty(Tensor state, DType type) {
        Session session = state.session();
        return session.empty(type, Layout.rowMajor(state.shape()));
    }

    private static void assign(Tensor state, Tensor shared) {
        state.assign(shared);
        shared.close();
    }
}
