package batchnorm.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// The version in the manifest of the jar.
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Commands.class.getPackage().getImplementationVersion();
        return new String[] {"batchnorm " + Objects.requireNonNullElse(version, "unpackaged")};
    }
}
