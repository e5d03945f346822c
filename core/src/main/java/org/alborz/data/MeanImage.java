package org.alborz.data;

import java.util.ArrayList;
import java.util.List;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Subtracts the mean of field 0 over the training samples, value by value, such as the mean image:
 *
 * <pre>{@code
 * MeanImage mean = MeanImage.of(training);
 * Dataset centred = mean.apply(training); // and mean.apply(test)
 * }</pre>
 *
 * <p>Field 0 becomes float32; bytes of a normalised field are normalised first, and other bytes are numbers from 0 to 255.
 */
public final class MeanImage implements SampleMapping {
    private final Field field;
    private final float[] mean;

    private MeanImage(Field field, float[] mean) {
        this.field = field;
        this.mean = mean;
    }

    /**
     * Computes the mean of a dataset's field 0, in float64; reads every sample once.
     *
     * @throws IllegalArgumentException when the dataset has no samples, or field 0 varies in length
     */
    public static MeanImage of(Dataset training) {
        Field field = FirstField.require("MeanImage", training);
        double[] sum = new double[field.elements()];
        Sample sample = Sample.of(training.fields());
        for (int i = 0; i < training.size(); i++) {
            sample.read(training, i);
            float[] values = FirstField.numbers(sample);
            for (int k = 0; k < sum.length; k++) {
                sum[k] += values[k];
            }
        }
        float[] mean = new float[sum.length];
        for (int k = 0; k < mean.length; k++) {
            mean[k] = (float) (sum[k] / training.size());
        }
        return new MeanImage(field, mean);
    }

    /** Returns the mean, in the field's order in memory. */
    public float[] values() {
        return mean.clone();
    }

    /** Returns a dataset with the mean subtracted from its field 0, which has the shape and normalization of the training samples'. */
    public Dataset apply(Dataset data) {
        FirstField.requireSame("MeanImage", field, data);
        List<Field> fields = new ArrayList<>(data.fields());
        fields.set(0, new Field(field.name(), DType.FLOAT32, field.shape(), field.channelsLast(), Field.NONE, null));
        return data.map(fields, this);
    }

    @Override
    public void map(Sample from, Sample into) {
        float[] values = FirstField.numbers(Given.value(from, "MeanImage", "a sample"));
        float[] result = into.floats(0);
        int at = into.at(0);
        for (int k = 0; k < mean.length; k++) {
            result[at + k] = values[k] - mean[k];
        }
        FirstField.copyOthers(from, into);
    }

    @Override
    public String toString() {
        return "MeanImage[" + FirstField.digest(mean) + "]";
    }
}
