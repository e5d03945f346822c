package org.alborz.examples.lessons;

import static org.alborz.examples.lessons.TwoLayerSearch.RATE;
import static org.alborz.examples.lessons.TwoLayerSearch.REG;

import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;
import org.alborz.data.Split;
import org.alborz.examples.drawing.Plot;
import org.alborz.train.TerminateOnNaN;
import org.alborz.tune.BayesianModel;
import org.alborz.tune.BayesianSearch;
import org.alborz.tune.GridSearch;
import org.alborz.tune.RandomSearch;
import org.alborz.tune.SearchSpace;
import org.alborz.tune.Settings;
import org.alborz.tune.Strategy;
import org.alborz.tune.Study;
import org.alborz.tune.Trial;

/** Learning rate and regularization of the two-layer net: coarse to fine at random, grid against random, and by a Bayesian model. */
final class HyperparameterSearch implements Lesson {
    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new HyperparameterSearch(), args);
    }

    @Override
    public String name() {
        return "hyperparameters";
    }

    @Override
    public String title() {
        return "Hyperparameters: random, grid and Bayesian search";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        int validation = notebook.size(200, 1_000, 1_000);
        Split data = notebook.data().centred(notebook.size(500, 4_000, 49_000), validation);
        TwoLayerSearch search = new TwoLayerSearch(notebook, data, notebook.size(2, 5, 5), 0);
        int trials = notebook.size(8, 14, 40);
        Strategy random = new RandomSearch(notebook.seed());

        // Coarse: five epochs each, settings drawn from a wide range of powers of ten.
        SearchSpace wide = space(1e-5, 1e5, 1e-6, 1e-3);
        Study coarse = search.run("coarse", wide, random, trials);
        // Fine: the ranges around the good ones.
        SearchSpace narrow = space(1e-4, 1, 1e-4, 1e-3);
        Study fine = search.run("fine", narrow, random, trials);
        notebook.picture("plane", SearchPictures.plane(coarse, fine).draw());
        notebook.claim(
                "the median fine trial is better than the median coarse one",
                TwoLayerSearch.median(fine) < TwoLayerSearch.median(coarse));

        gridAgainstRandom(notebook, narrow);
        Settings best = fine.best().orElseThrow().settings();
        bayesian(notebook, new TwoLayerSearch(notebook, data, search.epochs(), best.number(REG)));

        // The best settings, for longer.
        TrainingRun run = search.train(best, notebook.size(4, 15, 30), new TerminateOnNaN());
        double accuracy = DoubleStream.of(run.each("val_accuracy")).max().orElseThrow();
        run.say(notebook, "the best");
        notebook.picture(
                "best", run.plot("Accuracy of the best settings", "accuracy").draw());
        notebook.aboutInFull("validation accuracy of the best, 50 units", accuracy, 0.53, 0.03);
        notebook.claim("the best settings are far above chance", accuracy > 0.15);
    }

    private static SearchSpace space(double leastReg, double mostReg, double leastRate, double mostRate) {
        return SearchSpace.builder()
                .logUniform(REG, leastReg, mostReg)
                .logUniform(RATE, leastRate, mostRate)
                .build();
    }

    /** Where one setting matters and another hardly does, nine trials of a grid try three values of it, random ones nine. */
    private static void gridAgainstRandom(Notebook notebook, SearchSpace space) throws IOException {
        Plot plot = SearchPictures.axes("Nine trials each");
        List<Strategy> strategies = List.of(new GridSearch(3), new RandomSearch(notebook.seed()));
        long[] distinct = new long[2];
        for (int i = 0; i < 2; i++) {
            Study study = Study.minimize(space).strategy(strategies.get(i)).build();
            study.run(9, run -> Math.pow(Math.log10(run.settings().number(RATE)) + 3.3, 2)); // only the rate matters
            distinct[i] = DoubleStream.of(SearchPictures.logs(study.trials(), RATE))
                    .distinct()
                    .count();
            SearchPictures.add(plot, i == 0 ? "grid" : "random", study.trials());
        }
        notebook.picture("grid-random", plot.draw());
        notebook.exactly("rates that nine trials of a grid try", distinct[0], "3");
        notebook.exactly("rates that nine random trials try", distinct[1], "9");
    }

    /** Exploration where the model's deviation is large, exploitation where its mean is low: the expected improvement is both. */
    private static void bayesian(Notebook notebook, TwoLayerSearch search) throws IOException {
        SearchSpace rates = SearchSpace.builder().logUniform(RATE, 1e-6, 1e-3).build();
        Strategy strategy = new BayesianSearch(notebook.seed(), 4); // the first four at random
        Study study = Study.minimize(rates).strategy(strategy).build();
        study.run(notebook.size(8, 12, 16), run -> search.error("bayesian", run));
        BayesianModel model = BayesianModel.of(study, notebook.seed());
        notebook.picture("model", SearchPictures.model(study, model).draw());
        notebook.picture("improvement", SearchPictures.improvement(model).draw());
        double[] values = study.trials().stream().mapToDouble(Trial::value).toArray();
        double first = DoubleStream.of(values).limit(4).min().orElseThrow();
        double later = DoubleStream.of(values).skip(4).min().orElseThrow();
        notebook.claim("the model finds an error below that of the random four", later < first);
    }
}
