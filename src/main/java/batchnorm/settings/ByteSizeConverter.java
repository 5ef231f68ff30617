package batchnorm.settings;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/// Reads a number of bytes with or without a unit, such as `256MB`, for components of settings that
/// are annotated with [DataSizeUnit]. As numbers they keep their constraints.
@Component
@ConfigurationPropertiesBinding
final class ByteSizeConverter implements ConditionalGenericConverter {

    @Override
    public Set<ConvertiblePair> getConvertibleTypes() {
        return Set.of(new ConvertiblePair(String.class, Long.class));
    }

    @Override
    public boolean matches(TypeDescriptor source, TypeDescriptor target) {
        return target.hasAnnotation(DataSizeUnit.class);
    }

    @Override
    public @Nullable Object convert(
            @Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
        DataSizeUnit unit = targetType.getAnnotation(DataSizeUnit.class);
        return source == null || unit == null
                ? null
                : (Long) DataSize.parse(source.toString(), unit.value()).toBytes();
    }
}
