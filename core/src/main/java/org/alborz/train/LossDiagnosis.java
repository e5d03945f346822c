package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Sample;
import org.alborz.type.DType;

/** Says why a loss is not a finite number, with the remedy that fits: looks at the data first, then at the weights. */
final class LossDiagnosis {
    private final Trainer trainer;
    private final String name;
    private final double loss;

    LossDiagnosis(Trainer trainer, String name, double loss) {
        this.trainer = trainer;
        this.name = name;
        this.loss = loss;
    }

    /**
     * Returns the reason to stop.
     *
     * @param from the first batch of the epoch that may be the cause
     * @param to the last, exclusive
     */
    String reason(DataLoader data, int epoch, int from, int to) {
        String found = "the " + name + " is " + loss + " by step " + trainer.step();
        String sample = data == null ? null : badSample(data, epoch, from, to);
        if (sample != null) {
            return found + ", since " + sample;
        }
        if (trainer.model().isFinite() && trainer.model().session().dtype() == DType.FLOAT16) {
            return found + "; lower the learning rate, or compute in float32, whose numbers go further";
        }
        return found + "; lower the learning rate";
    }

    private static String badSample(DataLoader data, int epoch, int from, int to) {
        try (BatchIterator batches = data.epoch(epoch, from)) {
            for (Batch batch = batches.next(); batch != null && batch.index() < to; batch = batches.next()) {
                int place = firstBad(batch);
                if (place >= 0) {
                    return blame(data, batch, place);
                }
            }
        }
        return null;
    }

    private static int firstBad(Batch batch) {
        for (int i = 0; i < batch.shape(0).elements(); i++) {
            if (!Float.isFinite(batch.floats(0)[i])) {
                return i;
            }
        }
        return -1;
    }

    private static String blame(DataLoader data, Batch batch, int place) {
        int sample = batch.samples()[place / data.fields().get(0).elements()];
        for (float value : Sample.of(data.dataset(), sample).floats(0)) {
            if (!Float.isFinite(value)) {
                return "sample " + sample + " of " + data.dataset().description() + " holds " + value
                        + "; correct the data, or leave such samples out";
            }
        }
        return "the transforms make " + batch.floats(0)[place] + " of sample " + sample + " of "
                + data.dataset().description() + "; correct them";
    }
}
