package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.alborz.models.TextSampler;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues a text by a trained language model. */
@Command(name = "generate", description = "Continues a text by a language model that train gpt or train lstm made.")
final class GenerateCommand implements Callable<Integer> {
    private static final int MOST_LENGTH = 1 << 24;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RUN",
            description = "The folder of a run, or a checkpoint such as runs/NAME/best.safetensors.")
    private Path run;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description =
                    "What the text begins with (default: a new line, or the model's first token where it has none).")
    private String prompt;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "400",
            description = "How many tokens are added (default: 400).")
    private int length;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description =
                    "1 draws from the model's distribution, less prefers likely tokens, 0 takes the likeliest (default: 0.8).")
    private double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Draw from the N likeliest tokens only (default: all).")
    private Integer topK;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Decides the draws (default: 1).")
    private long seed;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /**
     * What {@code --json} holds.
     *
     * @param text the prompt and what was added
     */
    record Report(String checkpoint, String model, String prompt, String text, int tokens, double tokensPerSecond) {}

    @Override
    public Integer call() {
        backend.check();
        json.check();
        OptionChecks.count("--length", length, MOST_LENGTH);
        OptionChecks.atLeastZero("--temperature", temperature, Float.MAX_VALUE);
        if (topK != null) {
            OptionChecks.count("--top-k", topK);
        }
        if (prompt != null && prompt.isEmpty()) {
            throw CommandFailure.usage(
                    "--prompt expects at least one character, got none; leave it out for a new line");
        }
        Path checkpoint = checkpoint();
        json.requireNone(RunFolder.filesBeside(checkpoint));
        SavedModel saved = SavedModel.read(checkpoint);
        if (saved.signature().task() != Task.LANGUAGE_MODEL) {
            throw CommandFailure.usage(checkpoint + " is a model '"
                    + saved.settings().model() + "', which writes no text; name a run of train gpt or train lstm");
        }
        Tokens tokens = Tokens.parse(saved.tokens());
        int[] start = start(tokens);
        try (Session session = backend.open();
                Model model = saved.open(session)) {
            int context = TextSettings.of(
                            saved.settings().model(), saved.settings().details())
                    .context();
            TextSampler sampler = new TextSampler(session, (Layer) model.module(), context, temperature);
            if (topK != null) {
                sampler = sampler.topK(Math.min(topK, tokens.size()));
            }
            long from = System.nanoTime();
            int[] written;
            try (Progress progress = Progress.start(Screen.besideResult(spec), "generating", "tokens", length)) {
                written = sampler.sample(start, length, seed, progress::to);
            }
            double seconds = (System.nanoTime() - from) * 1e-9;
            String text = tokens.decode(written);
            Screen screen = Screen.of(spec);
            text.lines().forEach(screen::line);
            json.write(new Report(
                    checkpoint.toString(), saved.settings().model(), prompt, text, length, length / seconds));
        }
        return ExitCodes.OK;
    }

    /** Returns the best checkpoint of a run's folder, or the last one, or the file that was named. */
    private Path checkpoint() {
        if (!Files.isDirectory(run)) {
            return run;
        }
        RunFolder folder = new RunFolder(run);
        return Files.exists(folder.best()) ? folder.best() : folder.last();
    }

    private int[] start(Tokens tokens) {
        try {
            return tokens.encode(prompt == null ? "\n" : prompt);
        } catch (IllegalArgumentException e) {
            if (prompt == null) {
                return new int[] {0};
            }
            throw new CommandFailure(
                    ExitCodes.USAGE, "--prompt has a character that the model never read: " + e.getMessage(), e);
        }
    }
}
