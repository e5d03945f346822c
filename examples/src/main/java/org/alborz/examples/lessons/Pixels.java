package org.alborz.examples.lessons;

import org.alborz.data.Dataset;
import org.alborz.data.Sample;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Images as the first lessons take them: one row of numbers from 0 to 255 for each, the red pixels before the green and blue ones.
 *
 * @param images {@code [N, 3072]}
 * @param labels {@code [N]}, int32
 * @param classes the same labels on the host
 */
record Pixels(Tensor images, Tensor labels, int[] classes) {
    static final int SIDE = 32;
    static final int SIZE = 3 * SIDE * SIDE;

    /** Reads a whole dataset; the tensors belong to the innermost scope. */
    static Pixels of(Session session, Dataset data) {
        int count = data.size();
        byte[] bytes = new byte[count * SIZE];
        int[] classes = new int[count];
        Sample sample = Sample.of(data.fields());
        for (int i = 0; i < count; i++) {
            sample.read(data, i);
            System.arraycopy(sample.bytes(0), sample.at(0), bytes, i * SIZE, SIZE);
            classes[i] = sample.ints(1)[sample.at(1)];
        }
        try (Scope scope = session.scope("pixels")) {
            Tensor stored = session.empty(DType.UINT8, Layout.channelsLast(Shape.of(count, 3, SIDE, SIDE)));
            session.write(bytes, stored);
            Tensor images = stored.to(session.dtype()).reshape(count, SIZE);
            return new Pixels(scope.keep(images), scope.keep(session.tensor(classes)), classes);
        }
    }

    int size() {
        return classes.length;
    }

    /** Returns one image's numbers. */
    float[] image(int index) {
        return images.narrow(0, index, 1).toFloats();
    }

    /** Returns the share of samples whose class was predicted. */
    double accuracy(int[] predicted) {
        int right = 0;
        for (int i = 0; i < size(); i++) {
            right += predicted[i] == classes[i] ? 1 : 0;
        }
        return (double) right / size();
    }
}
