package org.alborz.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script with which a shell completes commands and options. */
@Command(
        name = "completion",
        description = "Prints a script with which a shell completes the names of commands, options and files.",
        footer = {
            "",
            "Examples:",
            "  source <(./alborz completion bash)                            for this shell; zsh as well",
            "  ./alborz completion bash > ~/.local/share/bash-completion/completions/alborz    for all of bash",
            "  ./alborz completion zsh > ~/.alborz-completion                then source it in ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {
    private static final List<String> SHELLS = List.of("bash", "zsh");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private String shell;

    @Mixin
    private JsonOption json;

    /** What {@code --json} holds of a command, for shells that the script is not for. */
    record Completed(String command, String description, List<Choice> options) {
        static Completed of(CommandSpec command) {
            return new Completed(
                    command.name(),
                    String.join(" ", command.usageMessage().description()),
                    command.options().stream().map(Choice::of).toList());
        }
    }

    /**
     * An option.
     *
     * @param value what stands behind it; null of a flag
     */
    record Choice(List<String> names, String value, String description) {
        static Choice of(OptionSpec option) {
            return new Choice(
                    List.of(option.names()),
                    option.arity().max() == 0 ? null : option.paramLabel(),
                    String.join(" ", option.description()).formatted());
        }
    }

    @Override
    public Integer call() {
        OptionChecks.oneOf("SHELL", shell, SHELLS);
        json.check();
        String script = AutoComplete.bash("alborz", spec.root().commandLine());
        // The same script for both: it begins with what makes zsh read bash's.
        spec.commandLine().getOut().print(script);
        spec.commandLine().getOut().flush();
        json.write(spec.root().subcommands().values().stream()
                .map(command -> Completed.of(command.getCommandSpec()))
                .toList());
        return ExitCodes.OK;
    }
}
