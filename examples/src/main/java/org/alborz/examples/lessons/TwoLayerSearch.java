package org.alborz.examples.lessons;

import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Split;
import org.alborz.nn.Model;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.train.Callback;
import org.alborz.train.Monitor;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;
import org.alborz.tune.SearchSpace;
import org.alborz.tune.Settings;
import org.alborz.tune.StopDivergence;
import org.alborz.tune.Strategy;
import org.alborz.tune.Study;
import org.alborz.tune.Trial;
import org.alborz.tune.TrialCallback;
import org.alborz.tune.TrialRun;

/**
 * The notes' search for learning rate and regularization of the two-layer net.
 *
 * @param epochs of a trial
 * @param reg the regularization where the space has no dimension for it
 */
record TwoLayerSearch(Notebook notebook, Split data, int epochs, double reg) {
    /** The settings' names: the learning rate, and λ of the penalty. */
    static final String RATE = "lr";

    static final String REG = "reg";

    /** Trains with momentum 0.9, batches of 100 and a rate that falls by 5 % an epoch. */
    TrainingRun train(Settings settings, int count, Callback callback) {
        DataLoader train = notebook.data().shuffled(data.first(), 100);
        DataLoader validation = DataLoader.of(data.second(), 250).build();
        Sgd sgd = TwoLayerNet.sgd(settings.number(RATE), reg(settings)).momentum(0.9);
        try (Model model = Model.create(notebook.session(), TwoLayerNet.of(50), notebook.seed())) {
            Trainer trainer = Trainer.classifier(model, sgd)
                    .schedule(Schedule.stepDecay(train.batchesPerEpoch(), 0.95))
                    .callback(callback)
                    .verbose(false)
                    .build();
            return new TrainingRun(trainer.fit(train, validation, count), trainer.stopReason());
        }
    }

    private double reg(Settings settings) {
        return settings.has(REG) ? settings.number(REG) : reg;
    }

    /** Looks for the lowest validation loss, prints each trial as the notes do, and stops one whose loss passes three times its first. */
    Study run(String name, SearchSpace space, Strategy strategy, int trials) {
        Study study = Study.minimize(space)
                .strategy(strategy)
                .stop(new StopDivergence(3))
                .build();
        study.run(trials, run -> {
            TrialCallback report = new TrialCallback(run, Monitor.min("val_loss"));
            TrainingRun result = train(run.settings(), epochs, report);
            notebook.say(
                    "  %s val_acc: %.3f, lr: %.2e, reg: %.2e (%d / %d)",
                    name,
                    result.last("val_accuracy"),
                    run.settings().number(RATE),
                    reg(run.settings()),
                    run.number() + 1,
                    trials);
            return report.best();
        });
        List<Trial> stopped = stopped(study);
        notebook.say(
                "  of %d trials %d were stopped%s",
                trials,
                stopped.size(),
                stopped.isEmpty() ? "" : ", one since it " + stopped.get(0).message());
        return study;
    }

    /** Trains by a trial's settings and returns the validation error, the share of images that are wrong; prints it too. */
    double error(String name, TrialRun run) {
        TrainingRun result = train(run.settings(), epochs, new TerminateOnNaN());
        double error = result.epochs().isEmpty() ? 0.9 : 1 - result.last("val_accuracy"); // 0.9 is a guess of ten
        notebook.say(
                "  %s trial %2d: error %.3f, lr: %.2e",
                name, run.number() + 1, error, run.settings().number(RATE));
        return error;
    }

    /** Returns the trials that a rule stopped. */
    static List<Trial> stopped(Study study) {
        return study.trials().stream()
                .filter(trial -> trial.state() == Trial.State.STOPPED)
                .toList();
    }

    /** Returns the value of the middle of a study's trials, those without one counted as the worst. */
    static double median(Study study) {
        double[] values = study.trials().stream()
                .mapToDouble(trial -> trial.hasValue() ? trial.value() : Double.POSITIVE_INFINITY)
                .sorted()
                .toArray();
        return values[values.length / 2];
    }
}
