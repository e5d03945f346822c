package org.alborz.monitor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/**
 * Writes a training for TensorBoard, with Keras's parameters and tags: {@code epoch_loss}, the metrics and the learning rate after each
 * epoch, in the folders {@code train} and {@code validation} below {@code logDir}; the graph of the model; and if asked for histograms of
 * weights, gradients and activations, images of weights, and figures within the epochs, {@code batch_loss} and so on.
 *
 * <p>Everything is written with the number of the training step. A resumed training begins new files, and TensorBoard drops what the
 * stopped one wrote of later steps, so that no step is there twice. It keeps no state and changes no bit of the training.
 *
 * <pre>{@code
 * Trainer.classifier(model, optimizer).callback(new TensorBoard(Path.of("logs/run1")).histogramFreq(1))
 * }</pre>
 */
public final class TensorBoard implements Callback {
    private final Path logDir;
    private int histogramFreq;
    private boolean writeGraph = true;
    private boolean writeImages;
    private boolean writeStepsPerSecond;
    private int updateFreq;
    private Map<String, Object> hyperParameters = Map.of();

    private EventWriter train;

    /** Null until there is something to write. */
    private EventWriter validation;

    private EventWriter parameters;
    private long firstStep;
    private long timedStep;
    private long timedAt;

    /**
     * Writes scalars after each epoch, and the graph.
     *
     * @param logDir the folder of the run; made where there is none
     */
    public TensorBoard(Path logDir) {
        this.logDir = Given.value(logDir, "TensorBoard", "a folder");
    }

    /** Writes histograms after every so many epochs; 0, as by default, for none. They cost a download of the values and a forward pass. */
    public TensorBoard histogramFreq(int epochs) {
        histogramFreq = count("histogramFreq", epochs);
        return this;
    }

    /** Sets whether the graph of an evaluation pass is written; it is unless set. */
    public TensorBoard writeGraph(boolean value) {
        writeGraph = value;
        return this;
    }

    /** Sets whether the weights of convolutions and linear layers are shown as images, as often as the histograms; not unless set. */
    public TensorBoard writeImages(boolean value) {
        writeImages = value;
        return this;
    }

    /** Sets whether the steps a second are written, as often as the other scalars; not unless set. */
    public TensorBoard writeStepsPerSecond(boolean value) {
        writeStepsPerSecond = value;
        return this;
    }

    /**
     * Writes the loss and the metrics of the running epoch after every so many steps as well, which waits for the device; 0, as by default,
     * for after each epoch only, Keras's {@code "epoch"}, and 1 for Keras's {@code "batch"}.
     */
    public TensorBoard updateFreq(int steps) {
        updateFreq = count("updateFreq", steps);
        return this;
    }

    /** Writes what the run was made with, so that TensorBoard's page HPARAMS compares runs by it. */
    public TensorBoard hyperParameters(Map<String, ?> values) {
        hyperParameters = new LinkedHashMap<>(Given.value(values, "TensorBoard", "hyper-parameters"));
        return this;
    }

    private static int count(String name, int value) {
        if (value < 0) {
            throw new IllegalArgumentException("TensorBoard expects " + name + " of at least 0, got " + value);
        }
        return value;
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        firstStep = trainer.step() + 1;
        train = EventWriter.open(logDir.resolve("train"), firstStep);
        timedStep = trainer.step();
        timedAt = System.nanoTime();
        if (trainer.step() == 0) {
            train.text("training", TrainingText.of(trainer), 0);
            if (writeGraph) {
                TracedForward.graph(trainer).ifPresent(traced -> train.graph(traced.graph()));
            }
        }
        if (!hyperParameters.isEmpty()) {
            parameters = EventWriter.open(logDir);
            parameters.hyperParameters(new HyperParameters(hyperParameters, compared(trainer)));
            parameters.flush();
        }
        train.flush();
    }

    private static List<HyperParameters.Metric> compared(Trainer trainer) {
        List<HyperParameters.Metric> metrics = new ArrayList<>();
        metrics.add(new HyperParameters.Metric("train", "epoch_loss"));
        trainer.metrics()
                .values()
                .keySet()
                .forEach(name -> metrics.add(new HyperParameters.Metric("train", "epoch_" + name)));
        if (trainer.validation() != null) {
            for (HyperParameters.Metric metric : List.copyOf(metrics)) {
                metrics.add(new HyperParameters.Metric("validation", metric.tag()));
            }
        }
        return metrics;
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        if (updateFreq > 0 && trainer.step() % updateFreq == 0) {
            long step = trainer.step();
            train.scalar("batch_loss", trainer.metrics().loss(), step);
            trainer.metrics().values().forEach((name, value) -> train.scalar("batch_" + name, value, step));
            train.scalar("batch_learning_rate", trainer.learningRate(), step);
            writeSpeed("batch_steps_per_second", step);
            train.flush();
        }
        if (trainer.nextBatch() == trainer.loader().batchesPerEpoch() && showsDistributions(trainer.epoch() + 1)) {
            writeGradients(trainer);
        }
    }

    private boolean showsDistributions(int epoch) {
        return histogramFreq > 0 && epoch % histogramFreq == 0;
    }

    /** They are not there any more after a kill during the validation, from which a run goes on without another step. */
    private void writeGradients(Trainer trainer) {
        List<Tensor> gradients = trainer.model().gradientViews();
        for (int i = 0; i < gradients.size(); i++) {
            String name = trainer.model().trainable().get(i).name();
            train.histogram("gradients/" + name, gradients.get(i).toFloats(), trainer.step());
        }
        train.flush();
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        long step = trainer.step();
        train.scalar("epoch_loss", result.loss(), step);
        result.values().forEach((name, value) -> train.scalar("epoch_" + name, value, step));
        train.scalar("epoch_learning_rate", trainer.learningRate(), step);
        train.scalar("epoch", result.epoch(), step);
        if (updateFreq == 0) {
            writeSpeed("epoch_steps_per_second", step);
        }
        if (result.validation() != null) {
            if (validation == null) {
                validation = EventWriter.open(logDir.resolve("validation"), firstStep);
            }
            validation.scalar("epoch_loss", result.validation().loss(), step);
            result.validation().values().forEach((name, value) -> validation.scalar("epoch_" + name, value, step));
            validation.flush();
        }
        if (showsDistributions(result.epoch())) {
            writeDistributions(trainer, step);
        }
        train.flush();
    }

    private void writeSpeed(String tag, long step) {
        long now = System.nanoTime();
        if (writeStepsPerSecond) {
            train.scalar(tag, (step - timedStep) / ((now - timedAt) * 1e-9), step);
        }
        timedStep = step;
        timedAt = now;
    }

    private void writeDistributions(Trainer trainer, long step) {
        Model model = trainer.model();
        for (Parameter parameter : model.trainable()) {
            float[] weights = parameter.value().toFloats();
            train.histogram("weights/" + parameter.name(), weights, step);
            if (writeImages) {
                FilterPictures.overview(parameter.shape(), weights)
                        .ifPresent(picture -> train.image("weights/" + parameter.name(), picture, step));
            }
        }
        TracedForward.activations(trainer, (name, values) -> train.histogram("activations/" + name, values, step));
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        if (parameters != null) {
            parameters.end(trainer.epoch() >= trainer.epochs() || trainer.stopReason() != null);
        }
        close(train);
        close(validation);
        close(parameters);
        train = null;
        validation = null;
        parameters = null;
    }

    private static void close(EventWriter writer) {
        if (writer != null) {
            writer.close();
        }
    }
}
