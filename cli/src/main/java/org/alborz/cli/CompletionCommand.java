package org.alborz.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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

    @Override
    public Integer call() {
        OptionChecks.oneOf("SHELL", shell, SHELLS);
        String script = AutoComplete.bash("alborz", spec.root().commandLine());
        // The same script for both: it begins with what makes zsh read bash's.
        spec.commandLine().getOut().print(script);
        spec.commandLine().getOut().flush();
        return ExitCodes.OK;
    }
}
