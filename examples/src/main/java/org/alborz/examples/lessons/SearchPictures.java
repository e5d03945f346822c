package org.alborz.examples.lessons;

import static org.alborz.examples.lessons.TwoLayerSearch.RATE;
import static org.alborz.examples.lessons.TwoLayerSearch.REG;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.alborz.examples.drawing.Plot;
import org.alborz.tune.BayesianModel;
import org.alborz.tune.BayesianModel.Estimate;
import org.alborz.tune.Settings;
import org.alborz.tune.Study;
import org.alborz.tune.Trial;

/** Pictures of searches for learning rate and regularization. */
final class SearchPictures {
    private static final String RATE_AXIS = "log10 of the learning rate";

    /** Of the loss ln 10 of a net that guesses. */
    private static final double LEARNED = 0.95 * Math.log(10);

    private SearchPictures() {}

    static Plot axes(String title) {
        return new Plot(title, RATE_AXIS, "log10 of the regularization");
    }

    static double[] logs(List<Trial> trials, String setting) {
        return trials.stream()
                .mapToDouble(trial -> Math.log10(trial.settings().number(setting)))
                .toArray();
    }

    /** Adds trials as points, if there are any. */
    static void add(Plot plot, String name, List<Trial> trials) {
        if (!trials.isEmpty()) {
            plot.points(name, logs(trials, RATE), logs(trials, REG));
        }
    }

    /** Draws the trials of both searches as points of the plane of their settings. */
    static Plot plane(Study coarse, Study fine) {
        List<Trial> learned = coarse.trials().stream()
                .filter(trial -> trial.hasValue() && trial.value() < LEARNED)
                .toList();
        List<Trial> others = coarse.trials().stream()
                .filter(trial -> !learned.contains(trial))
                .toList();
        Plot plot = axes("Trials");
        add(plot, "coarse, learned", learned);
        add(plot, "coarse, others", others);
        add(plot, "fine", fine.trials());
        return plot;
    }

    /** Draws the mean of a model of the learning rate, two deviations around it in grey, and the trials. */
    static Plot model(Study study, BayesianModel model) {
        Plot plot = new Plot("What the Bayesian model believes", RATE_AXIS, "validation error");
        plot.line("mean", rates(), along(model, Estimate::mean));
        plot.background(rates(), along(model, at -> at.mean() - 2 * at.standardDeviation()));
        plot.background(rates(), along(model, at -> at.mean() + 2 * at.standardDeviation()));
        List<Trial> ended = study.trials().stream().filter(Trial::hasValue).toList();
        plot.points(
                "trials",
                logs(ended, RATE),
                ended.stream().mapToDouble(Trial::value).toArray());
        return plot;
    }

    /** Draws where such a model would try next: where the curve is highest. */
    static Plot improvement(BayesianModel model) {
        return new Plot("Expected improvement", RATE_AXIS, "expected improvement of the error")
                .line("improvement", rates(), along(model, Estimate::expectedImprovement));
    }

    private static double[] rates() {
        return IntStream.rangeClosed(0, 90).mapToDouble(i -> -6 + i / 30.0).toArray();
    }

    private static double[] along(BayesianModel model, ToDoubleFunction<Estimate> value) {
        return DoubleStream.of(rates())
                .map(rate -> value.applyAsDouble(model.at(new Settings(Map.of(RATE, Math.pow(10, rate))))))
                .toArray();
    }
}
