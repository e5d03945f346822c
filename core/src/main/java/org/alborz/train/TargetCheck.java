package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.data.Field;
import org.alborz.nn.TargetRange;
import org.alborz.type.DType;

/** Looks at the targets of a batch on the host, before they are uploaded. */
final class TargetCheck {
    private TargetCheck() {}

    /**
     * Refuses targets that the objective does not take.
     *
     * @throws IllegalArgumentException naming the first
     */
    static void require(Objective objective, Batch batch) {
        TargetRange range = objective.targets();
        int field = objective.labelField(batch.fields().size());
        if (range == TargetRange.ANY || field >= batch.fields().size()) {
            return;
        }
        Field of = batch.fields().get(field);
        if (of.isNormalized()) {
            return; // on the device it is another number
        }
        int place = firstOutside(batch, field, of.type(), range);
        if (place >= 0) {
            int each = (int) (batch.shape(field).elements() / batch.size());
            throw new IllegalArgumentException("Sample " + batch.samples()[place / each] + " has the target "
                    + value(batch, field, of.type(), place) + " in its field '" + of.name() + "', and "
                    + objective.settings() + " expects targets from " + range.least() + " to " + range.most() + "; "
                    + range.remedy());
        }
    }

    private static int firstOutside(Batch batch, int field, DType type, TargetRange range) {
        int count = (int) batch.shape(field).elements();
        float[] floats = type == DType.FLOAT32 ? batch.floats(field) : null;
        for (int i = 0; i < count; i++) {
            double value = floats != null ? floats[i] : value(batch, field, type, i);
            if (!range.holds(value)) {
                return i;
            }
        }
        return -1;
    }

    private static double value(Batch batch, int field, DType type, int place) {
        return switch (type) {
            case FLOAT32 -> batch.floats(field)[place];
            case FLOAT64 -> batch.doubles(field)[place];
            case INT32 -> batch.ints(field)[place];
            case INT64 -> batch.longs(field)[place];
            case UINT8 -> Byte.toUnsignedInt(batch.bytes(field)[place]);
            case BOOL -> batch.booleans(field)[place] ? 1 : 0;
            case FLOAT16, BFLOAT16 -> throw new IllegalArgumentException("No batch has a field of " + type);
        };
    }
}
