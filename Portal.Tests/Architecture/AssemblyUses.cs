using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace Portal.Tests.Architecture;

/// <summary>
/// What the types of a compiled assembly name of each other: in base types, members, attributes, and in the bodies of
/// methods, with what the compiler makes of lambdas, iterators and asynchronous methods. Constants and <c>nameof</c> leave
/// no trace in an assembly: only the source shows those.
/// </summary>
internal static partial class AssemblyUses
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<ushort, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => unchecked((ushort)code.Value));

    /// <returns>For each use the type that names, the member that it does so in, and the type that is named; all as they are written in
    /// source.</returns>
    public static IEnumerable<(Type From, string Member, Type To)> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        let writer = Outermost(type)
        from use in UsesOf(type)
        from part in Parts(use.To)
        where part.Assembly == assembly
        let named = Outermost(part)
        where named != writer
        select (writer, use.Member, named);

    private static IEnumerable<(string Member, Type To)> UsesOf(Type type)
    {
        var itself = Written(type.Name) ?? (type.IsNested ? type.Name : "");
        foreach (var named in new[] { type.BaseType }.Concat(type.GetInterfaces()).OfType<Type>())
            yield return (itself, named);
        foreach (var named in Attributes(type).Concat(type.IsGenericTypeDefinition ? Bounds(type.GetGenericArguments()) : []))
            yield return (itself, named);
        foreach (var member in type.GetMembers(Declared))
        {
            var name = Written(type.Name) ?? Written(member.Name) ?? member.Name;
            IEnumerable<Type> uses = member switch
            {
                FieldInfo field => [field.FieldType],
                PropertyInfo property => [property.PropertyType],
                EventInfo { EventHandlerType: { } handler } => [handler],
                MethodBase method => Signature(method).Concat(Body(method)),
                _ => [],
            };
            foreach (var named in uses.Concat(Attributes(member)))
                yield return (name, named);
        }
    }

    private static IEnumerable<Type> Signature(MethodBase method)
    {
        var types = method.GetParameters().SelectMany(parameter => Attributes(parameter).Append(parameter.ParameterType));
        if (method is MethodInfo { ReturnType: var returned })
            types = types.Append(returned);
        return method is { IsGenericMethodDefinition: true } ? types.Concat(Bounds(method.GetGenericArguments())) : types;
    }

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            return [];
        return body
            .LocalVariables.Select(local => local.LocalType)
            .Concat(
                body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                    .Select(clause => clause.CatchType)
                    .OfType<Type>()
            )
            .Concat(Tokens(body.GetILAsByteArray() ?? []).SelectMany(token => Named(method, token)));
    }

    private static IEnumerable<Type> Named(MethodBase within, int token)
    {
        var ofType = within.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = within.IsGenericMethod ? within.GetGenericArguments() : null;
        return within.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type named => [named],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodBase called => Signature(called)
                .Concat(called.IsGenericMethod ? called.GetGenericArguments() : [])
                .Append(called.DeclaringType!),
            _ => [],
        };
    }

    /// <summary>The tokens of types, methods and fields in a body's instructions.</summary>
    private static IEnumerable<int> Tokens(byte[] instructions)
    {
        for (var at = 0; at < instructions.Length; )
        {
            ushort value = instructions[at++];
            if (value == 0xFE)
                value = (ushort)(value << 8 | instructions[at++]);
            var operand = Codes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                yield return BitConverter.ToInt32(instructions, at);
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(instructions, at),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Attributes(ICustomAttributeProvider member) =>
        member switch
        {
            MemberInfo one => one.CustomAttributes.SelectMany(Attribute),
            ParameterInfo one => one.CustomAttributes.SelectMany(Attribute),
            _ => [],
        };

    private static IEnumerable<Type> Attribute(CustomAttributeData attribute) =>
        attribute
            .ConstructorArguments.Concat(attribute.NamedArguments.Select(argument => argument.TypedValue))
            .SelectMany(argument => argument.Value is Type named ? new[] { argument.ArgumentType, named } : [argument.ArgumentType])
            .Append(attribute.AttributeType);

    private static IEnumerable<Type> Bounds(IEnumerable<Type> parameters) =>
        parameters.SelectMany(parameter => parameter.GetGenericParameterConstraints());

    /// <summary>A type with everything it is put together from.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        return type.IsConstructedGenericType
            ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
            : [type];
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } around)
            type = around;
        return type;
    }

    /// <summary>The method that the compiler's name was made from: <c>&lt;RunAsync&gt;d__3</c>.</summary>
    private static string? Written(string name) => CompilerName().Match(name) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("^<([^<>]+)>")]
    private static partial Regex CompilerName();
}
