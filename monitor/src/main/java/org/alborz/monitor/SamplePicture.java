package org.alborz.monitor;

import java.util.Optional;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.type.DType;

/** Shows an image of a dataset. */
final class SamplePicture {
    /** Larger images are made smaller, by the mean of neighbouring pixels. */
    private static final int LARGEST = 96;

    private SamplePicture() {}

    /** Returns field 0 of a sample, where it is an image {@code [1 or 3, H, W]} of bytes or of float32. */
    static Optional<Picture> of(Dataset dataset, int index) {
        Field field = dataset.fields().get(0);
        boolean bytes = field.type() == DType.UINT8;
        if (field.shape().rank() != 3
                || field.isVariable()
                || field.shape().size(0) != 1 && field.shape().size(0) != 3
                || !bytes && field.type() != DType.FLOAT32) {
            return Optional.empty();
        }
        Sample sample = Sample.of(dataset, index);
        int channels = field.shape().size(0);
        int height = field.shape().size(1);
        int width = field.shape().size(2);
        int factor = (Math.max(height, width) + LARGEST - 1) / LARGEST;
        int rows = height / factor;
        int columns = width / factor;
        if (rows == 0 || columns == 0) {
            return Optional.empty();
        }
        float[] values = new float[rows * columns * channels];
        for (int y = 0; y < rows * factor; y++) {
            for (int x = 0; x < columns * factor; x++) {
                for (int c = 0; c < channels; c++) {
                    int from = sample.at(0)
                            + (field.channelsLast() ? (y * width + x) * channels + c : (c * height + y) * width + x);
                    float value = bytes ? sample.bytes(0)[from] & 0xFF : sample.floats(0)[from];
                    values[(y / factor * columns + x / factor) * channels + c] += value / (factor * factor);
                }
            }
        }
        return Optional.of(
                bytes ? ofBytes(rows, columns, channels, values) : Picture.scaled(rows, columns, channels, values));
    }

    private static Picture ofBytes(int rows, int columns, int channels, float[] values) {
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.round(values[i]);
        }
        return new Picture(rows, columns, channels, pixels);
    }
}
