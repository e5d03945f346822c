package org.alborz.examples.lessons;

import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Split;
import org.alborz.nn.Activations;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Sequential;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.Sgd;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;

/** The net that the notes train by hand: 3,072 pixels, a hidden layer with a rectifier, ten scores. */
final class TwoLayerNet {
    private TwoLayerNet() {}

    /** Returns the net with weights of 1e-4·N(0, 1) and biases of 0. */
    static Sequential of(int hidden) {
        return of(hidden, 1e-4);
    }

    /** Returns the net with weights of another scale. */
    static Sequential of(int hidden, double scale) {
        return new Sequential(
                new Flatten(),
                new Linear(3 * 32 * 32, hidden).weight(Initializer.normal(scale)),
                Activations.relu(),
                new Linear(hidden, 10).weight(Initializer.normal(scale)));
    }

    /** Returns the net as one takes it today: He's weights, for pixels that are normalised to numbers around 0. */
    static Sequential standard(int hidden) {
        return new Sequential(
                new Flatten(), new Linear(3 * 32 * 32, hidden), Activations.relu(), new Linear(hidden, 10));
    }

    /** Returns gradient descent whose loss has the penalty ½·λ·Σ W²: its gradient λ·W is a weight decay of the weights, not of the biases. */
    static Sgd sgd(double rate, double lambda) {
        return new Sgd(rate)
                .groups(
                        ParameterGroup.vectors().weightDecay(0),
                        ParameterGroup.all().weightDecay(lambda));
    }

    /** Returns ½·λ·Σ W². */
    static double penalty(Model model, double lambda) {
        double sum = 0;
        for (Parameter parameter : model.trainable()) {
            sum += parameter.shape().rank() > 1
                    ? parameter.value().square().sum().item()
                    : 0;
        }
        return 0.5 * lambda * sum;
    }

    /** Returns batches for validation. */
    static DataLoader inOrder(Dataset data) {
        return DataLoader.of(data, Math.min(250, data.size())).build();
    }

    /** Trains the net of 50 hidden units, and stops where the loss is no number any more. */
    static TrainingRun train(Notebook notebook, Dataset data, int batch, double rate, double lambda, int epochs) {
        return train(notebook, of(50), sgd(rate, lambda), data, batch, epochs);
    }

    /** Trains any net, without validation. */
    static TrainingRun train(Notebook notebook, Layer net, Optimizer optimizer, Dataset data, int batch, int epochs) {
        return train(notebook, net, optimizer, notebook.data().shuffled(data, batch), null, epochs);
    }

    /** Trains any net on the first part of the data, and validates it by the second after each epoch. */
    static TrainingRun train(Notebook notebook, Layer net, Optimizer optimizer, Split data, int batch, int epochs) {
        DataLoader first = notebook.data().shuffled(data.first(), batch);
        return train(notebook, net, optimizer, first, inOrder(data.second()), epochs);
    }

    private static TrainingRun train(
            Notebook notebook, Layer net, Optimizer optimizer, DataLoader train, DataLoader validation, int epochs) {
        try (Model model = Model.create(notebook.session(), net, notebook.seed())) {
            Trainer trainer = Trainer.classifier(model, optimizer)
                    .callback(new TerminateOnNaN())
                    .verbose(false)
                    .build();
            var results = validation == null ? trainer.fit(train, epochs) : trainer.fit(train, validation, epochs);
            return new TrainingRun(results, trainer.stopReason());
        }
    }
}
