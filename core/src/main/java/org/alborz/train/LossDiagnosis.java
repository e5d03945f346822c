package org.alborz.train;

import java.util.function.Supplier;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Sample;
import org.alborz.type.DType;

/** Says why a loss, or a weight beside a finite one, is not a finite number, with the remedy that fits: looks at the data first, then at the weights. */
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
     * @param search names the operation that made the first such number, or returns null; asked where it is not the data
     */
    String reason(DataLoader data, int epoch, int from, int to, Supplier<String> search) {
        String found = Double.isFinite(loss)
                ? "weights are not finite by step " + trainer.step() + ", though the " + name + " is " + loss
                : "the " + name + " is " + loss + " by step " + trainer.step();
        String sample = data == null ? null : badSample(data, epoch, from, to);
        if (sample != null) {
            return found + ", since " + sample;
        }
        String operation = search.get();
        if (operation != null) {
            found += ", since " + operation;
        }
        String own = ownObjective(operation == null);
        if (own != null && trainer.step() == 1) {
            return found + ", with the weights that training began with; " + own;
        }
        if (own != null) {
            return found + "; lower the learning rate, or " + own;
        }
        if (trainer.model().isFinite() && trainer.model().session().dtype() == DType.FLOAT16) {
            return found + "; lower the learning rate, or compute in float32, whose numbers go further";
        }
        return found + "; lower the learning rate";
    }

    /** Returns the remedy for an objective of the user's, or null where it is one of the engine's. */
    private String ownObjective(boolean unknown) {
        Objective objective = trainer.objective();
        if (objective instanceof SupervisedObjective || objective instanceof LanguageModelObjective) {
            return null;
        }
        return "look in the objective " + objective.settings()
                + " for the logarithm of a number that may be 0, a division by 0, or the root of 0, whose gradient is infinite"
                + (unknown ? "; session.observe shows the operation that makes the first such number" : "");
    }

    private static String badSample(DataLoader data, int epoch, int from, int to) {
        try (BatchIterator batches = data.epoch(epoch, from)) {
            for (Batch batch = batches.next(); batch != null && batch.index() < to; batch = batches.next()) {
                for (int field = 0; field < batch.fields().size(); field++) {
                    int place = firstBad(batch, field);
                    if (place >= 0) {
                        return blame(data, batch, field, place);
                    }
                }
            }
        }
        return null;
    }

    private static int firstBad(Batch batch, int field) {
        long count = batch.shape(field).elements();
        for (int i = 0; i < count; i++) {
            if (!Double.isFinite(value(batch, field, i))) {
                return i;
            }
        }
        return -1;
    }

    private static double value(Batch batch, int field, int place) {
        return switch (batch.fields().get(field).type()) {
            case FLOAT32 -> batch.floats(field)[place];
            case FLOAT64 -> batch.doubles(field)[place];
            default -> 0; // whole numbers are finite
        };
    }

    private static String blame(DataLoader data, Batch batch, int field, int place) {
        int each = (int) (batch.shape(field).elements() / batch.size());
        int sample = batch.samples()[place / each];
        double bad = rawBad(Sample.of(data.dataset(), sample), field);
        String where =
                field == 0 ? "" : " in its field '" + data.fields().get(field).name() + "'";
        if (!Double.isFinite(bad)) {
            return "sample " + sample + " of " + data.dataset().description() + " holds " + bad + where
                    + "; correct the data, or leave such samples out";
        }
        return "the transforms make " + value(batch, field, place) + " of sample " + sample + where + " of "
                + data.dataset().description() + "; correct them";
    }

    /** Returns the first value of a sample's field that is no finite number, or 0. */
    private static double rawBad(Sample sample, int field) {
        int at = sample.at(field);
        for (int i = at; i < at + sample.fields().get(field).elements(); i++) {
            double value = sample.fields().get(field).type() == DType.FLOAT32
                    ? sample.floats(field)[i]
                    : sample.doubles(field)[i];
            if (!Double.isFinite(value)) {
                return value;
            }
        }
        return 0;
    }
}
