package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.cli.PredictCommand.Prediction;
import org.alborz.data.CsvColumn;
import org.alborz.data.CsvTable;
import org.alborz.data.DataException;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/** Predicts what a net of tables makes of the rows of other ones. */
final class TableRows {
    private static final int AT_ONCE = 1024;

    private final SavedModel saved;
    private final Path file;
    private final TableSource training;

    /**
     * Categories are those of the table that the net was trained on, which is read again.
     *
     * @throws DataException when it is missing, or has other columns or categories now
     */
    TableRows(SavedModel saved) {
        this.saved = saved;
        this.file = Path.of(saved.settings().data());
        if (!Files.exists(file)) {
            throw new DataException("The table that the net was trained on, " + Quoted.text(file.toString())
                    + ", is missing, and its categories are needed; put it there again");
        }
        this.training = (TableSource) saved.source(null, 0);
        String columns = Checkpoint.metadata(saved.file()).get(SavedModel.COLUMNS);
        if (columns != null && !columns.equals(training.columns())) {
            throw new DataException("The table that the net was trained on, " + Quoted.text(file.toString())
                    + ", has other columns or categories now, and its net would take them for others; put the table of"
                    + " the training there again, or train again");
        }
    }

    /** Returns the table that the net was trained on. */
    Path file() {
        return file;
    }

    /**
     * Returns a prediction for each row of a file, in its order; one that says why of a row without a value somewhere.
     *
     * @param screen where progress is shown
     */
    List<Prediction> predict(Model model, Path other, Screen screen) {
        CsvTable table = training.unlabelled(other);
        List<Prediction> predictions = new ArrayList<>();
        float[][] outputs = outputs(model, table, screen);
        int next = 0;
        for (int row = 0; row < table.rows(); row++) {
            CsvColumn missing = missing(table, row);
            predictions.add(
                    missing == null
                            ? Prediction.of(other, table.line(row), saved, outputs[next++])
                            : Prediction.failed(
                                    other,
                                    table.line(row),
                                    other + ", line " + table.line(row) + ": the column " + Quoted.text(missing.name())
                                            + " has no value, so nothing can be predicted; fill it in"));
        }
        return predictions;
    }

    private static CsvColumn missing(CsvTable table, int row) {
        return table.columns().stream()
                .filter(column -> column.isMissing(row))
                .findFirst()
                .orElse(null);
    }

    /** Returns probabilities or a number for each row that lacks no value. */
    private float[][] outputs(Model model, CsvTable table, Screen screen) {
        boolean isNone = true;
        for (int row = 0; row < table.rows() && isNone; row++) {
            isNone = missing(table, row) != null;
        }
        if (isNone) {
            return new float[0][];
        }
        float[][] inputs = table.withoutMissing().inputs();
        float[][] outputs = new float[inputs.length][];
        try (Progress progress = Progress.start(screen, "predicting", "rows", inputs.length)) {
            for (int from = 0; from < inputs.length; from += AT_ONCE) {
                int to = Math.min(inputs.length, from + AT_ONCE);
                outputs(model, inputs, from, to, outputs);
                progress.to(to);
            }
        }
        return outputs;
    }

    private void outputs(Model model, float[][] inputs, int from, int to, float[][] outputs) {
        int rows = to - from;
        int size = inputs[from].length;
        float[] flat = new float[rows * size];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(inputs[from + i], 0, flat, i * size, size);
        }
        try (Scope scope = model.session().scope("predictions")) {
            Tensor input = model.session().tensor(flat, Shape.of(rows, size));
            Tensor output = model.forward(input, Pass.evaluation());
            Tensor found = saved.signature().task() == Task.REGRESSION ? output : output.softmax();
            float[] all = found.toFloats();
            int width = all.length / rows;
            for (int i = 0; i < rows; i++) {
                outputs[from + i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
            }
        }
    }
}
