import * as $ from 'svelte/internal/server';

export default function Page($$renderer, $$props) {
	$$renderer.component(($$renderer) => {
		let { names } = $$props;
		let count = $.derived(() => names.length);

		$.head('70xycz', $$renderer, ($$renderer) => {
			$$renderer.title(($$renderer) => {
				$$renderer.push(`<title>${$.escape(count())} names</title>`);
			});
		});

		$$renderer.push(`<ul>`);

		const each_array = $.ensure_array_like(names);

		if (each_array.length !== 0) {
			$$renderer.push('<!--[-->');

			for (let $$index = 0, $$length = each_array.length; $$index < $$length; $$index++) {
				let name = each_array[$$index];

				$$renderer.push(`<li>${$.escape(name)}</li>`);
			}
		} else {
			$$renderer.push(`<!--[!--><li>nobody</li>`);
		}

		$$renderer.push(`<!--]--></ul>`);
	});
}