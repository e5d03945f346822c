package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;
import org.alborz.data.DataLoader;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.train.Trainer;
import org.alborz.tune.EvolutionSearch;
import org.alborz.tune.SearchSpace;
import org.alborz.tune.Study;
import org.alborz.tune.Trial;
import org.alborz.tune.cells.Cell;
import org.alborz.tune.cells.CellNet;

/** Evolution of a cell, a small graph of operations that a net repeats. */
final class ArchitectureSearch implements Lesson {
    private static final int POPULATION = 4;

    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new ArchitectureSearch(), args);
    }

    @Override
    public String name() {
        return "architecture-search";
    }

    @Override
    public String title() {
        return "Architecture search over a cell";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        // Node i adds two operations of six on two earlier values: (1 * 6)^2 ways for node 1, (2 * 6)^2 for node 2.
        SearchSpace space = Cell.space(2);
        int cells = space.grid(1).size();
        notebook.say("  a cell of two nodes can be made in %,d ways", cells);
        notebook.claim("which is (1 * 6)^2 (2 * 6)^2", cells == 36 * 144);

        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(60, 500, 5_000)), 50);
        DataLoader validation = TwoLayerNet.inOrder(notebook.data().test(notebook.size(60, 300, 2_000)));
        int channels = notebook.size(2, 8, 16);
        int epochs = notebook.size(1, 3, 5);
        Study study = Study.maximize(space)
                .strategy(new EvolutionSearch(notebook.seed(), POPULATION, 2))
                .build();
        study.run(notebook.size(6, 12, 40), run -> {
            Cell cell = Cell.of(run.settings());
            double accuracy = accuracy(notebook, cell, channels, epochs, train, validation);
            notebook.say(
                    "  trial %2d: accuracy %.3f of %s",
                    run.number(), accuracy, cell.toString().replace("\n", "; "));
            return accuracy;
        });
        List<Trial> trials = study.trials();
        double[] values = trials.stream().mapToDouble(Trial::value).toArray();
        double[] best = values.clone();
        for (int i = 1; i < best.length; i++) {
            best[i] = Math.max(best[i - 1], best[i]);
        }
        notebook.picture(
                "search",
                new Plot("Accuracy of the cells in the order of the search", "trial", "validation accuracy")
                        .line("trial", values)
                        .line("best so far", best)
                        .draw());
        notebook.claim(
                "later cells differ from an earlier one by one setting",
                trials.stream()
                        .skip(POPULATION)
                        .allMatch(child -> trials.stream()
                                .limit(child.number())
                                .anyMatch(parent -> differences(parent, child) == 1)));
        Trial winner = study.best().orElseThrow();
        notebook.say(
                "  the best:%n    %s", Cell.of(winner.settings()).toString().replace("\n", "\n    "));
        notebook.picture("best", CellPicture.of(Cell.of(winner.settings())));
        if (!notebook.isQuick()) {
            double first = DoubleStream.of(values).limit(POPULATION).average().orElseThrow();
            double child = DoubleStream.of(values).skip(POPULATION).max().orElseThrow();
            notebook.claim("the best child is better than the mean of the random first", child > first);
        }
    }

    private static long differences(Trial a, Trial b) {
        return a.settings().values().entrySet().stream()
                .filter(entry -> !entry.getValue().equals(b.settings().values().get(entry.getKey())))
                .count();
    }

    /** Trains a net of three stages with a cell each, and returns its validation accuracy. */
    private static double accuracy(
            Notebook notebook, Cell cell, int channels, int epochs, DataLoader train, DataLoader validation) {
        try (Model model = Model.create(notebook.session(), CellNet.of(cell, 10, channels, 1), notebook.seed())) {
            Trainer trainer =
                    Trainer.classifier(model, new Adam(5e-3)).verbose(false).build();
            trainer.fit(train, epochs);
            return trainer.evaluate(validation).accuracy();
        }
    }
}
