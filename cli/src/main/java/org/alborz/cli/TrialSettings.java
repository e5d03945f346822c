package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.alborz.tune.Dimension;
import org.alborz.tune.SearchSpace;
import org.alborz.tune.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What {@code train} would take for each trial of a search: the options that were given, and those of the trial. */
final class TrialSettings {
    /** What is no setting of the steps, or has another meaning in a search. */
    private static final Set<String> FIXED =
            Set.of("data", "limit", "epochs", "metrics", "save-every", "target", "task");

    private static final double REACH = 30;

    /** Only train's options. */
    static final class Parsed {
        @Mixin
        private TrainOptions options;
    }

    private final List<String> given = new ArrayList<>();
    private final SearchSpace space;

    /** @param variations as {@code --vary} gives them; null for the default */
    TrialSettings(ParseResult arguments, List<String> variations) {
        CommandLine trainOptions = parser(new Parsed());
        for (OptionSpec option : arguments.matchedOptions()) {
            if (trainOptions.getCommandSpec().findOption(option.longestName()) != null) {
                boolean flag = option.arity().max() == 0;
                given.add(
                        flag
                                ? Boolean.TRUE.equals(option.getValue())
                                        ? option.longestName()
                                        : "--no-" + option.longestName().substring(2)
                                : option.longestName() + "=" + String.join(",", option.originalStringValues()));
            }
        }
        arguments.matchedPositionals().forEach(model -> given.addAll(model.originalStringValues()));
        SearchSpace.Builder builder = SearchSpace.builder();
        for (String variation : variations == null ? List.of(usual()) : variations) {
            builder.add(dimension(trainOptions, arguments, variation));
        }
        space = builder.build();
        checkChoices();
    }

    private static CommandLine parser(Parsed parsed) {
        CommandLine parser = new CommandLine(parsed);
        Numbers.registerWith(parser);
        return parser;
    }

    private String usual() {
        double rate = base().learningRate();
        return "learning-rate=" + rate / REACH + ".." + rate * REACH + ":log";
    }

    private static Dimension dimension(CommandLine trainOptions, ParseResult arguments, String variation) {
        String name = variation.replaceFirst("=.*", "");
        OptionSpec option = trainOptions.getCommandSpec().findOption("--" + name);
        if (option == null || FIXED.contains(name) || !variation.contains("=")) {
            List<String> known = trainOptions.getCommandSpec().options().stream()
                    .map(known1 -> known1.longestName().substring(2))
                    .filter(known1 -> !FIXED.contains(known1))
                    .toList();
            throw OptionChecks.refused(
                    "--vary", "NAME=VALUES, NAME one of " + String.join(", ", known), "'" + variation + "'");
        }
        if (arguments.hasMatchedOption("--" + name)) {
            throw CommandFailure.usage("--vary " + name + " and --" + name + " exclude each other; give one of them");
        }
        return Variation.parse(variation, option.type() == Integer.class || option.type() == Long.class);
    }

    /** Refuses values that train refuses, before the first trial: choices, and the ends of ranges. */
    private void checkChoices() {
        for (Dimension dimension : space.dimensions()) {
            for (Object value : dimension.grid(2)) {
                parse(List.of("--" + dimension.name() + "=" + value));
            }
        }
    }

    SearchSpace space() {
        return space;
    }

    /** Returns the settings of all trials but for what they vary. */
    TrainSettings base() {
        return parse(List.of());
    }

    TrainSettings of(Settings trial) {
        return parse(arguments(trial));
    }

    private static List<String> arguments(Settings trial) {
        return trial.values().entrySet().stream()
                .map(value -> "--" + value.getKey() + "=" + value.getValue())
                .toList();
    }

    /** Returns the command that trains as a trial did. */
    String command(Settings trial) {
        List<String> words = new ArrayList<>(List.of("./alborz", "train"));
        words.addAll(given);
        words.addAll(arguments(trial));
        return ShellWords.join(words);
    }

    /** Returns the options that are the same in all trials, in words. */
    String description() {
        return base().toString();
    }

    private TrainSettings parse(List<String> more) {
        Parsed parsed = new Parsed();
        List<String> arguments = new ArrayList<>(given);
        arguments.addAll(more);
        try {
            parser(parsed).parseArgs(arguments.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new CommandFailure(ExitCodes.USAGE, e.getMessage(), e);
        }
        return parsed.options.settings();
    }
}
